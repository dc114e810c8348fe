// SUCCESS OF THE ATTACK: garbage collection, and with it other checks, is observed
exports.result = [typeof WeakRef, typeof FinalizationRegistry, typeof gc].every(t => t === 'undefined') ? 'absent' : 'PWNED: observable';
