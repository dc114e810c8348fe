// SUCCESS OF THE ATTACK: the registry of symbols carries a note that says more than that somebody wrote it
const s = Symbol.for('gradient-lens note'); let r = 'kept nothing'; for (const o of [s, Object(s), Symbol.prototype]) { try { o.note = 1; if (o.note === 1 && Object(s).note === 1) r = 'PWNED: a note'; } catch (e) {} }
exports.result = r;
