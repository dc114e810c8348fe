// SUCCESS OF THE ATTACK: a namespace of the engine is changed for later checks
const out = []; for (const n of ['linalg', 'special', 'nn', 'autograd', 'func']) { for (const k of Object.keys(engine[n] ?? {})) { try { engine[n][k] = () => 1; out.push('PWNED: ' + n + '.' + k); } catch (e) { } } try { engine[n].evil = 1; out.push('PWNED: added'); } catch (e) { } }
exports.result = out.join(' ') || 'held';
