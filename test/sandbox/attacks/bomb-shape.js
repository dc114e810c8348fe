// SUCCESS OF THE ATTACK: a tensor of impossible size takes the process along
const out = []; for (const n of [1e9, 2 ** 40, 2 ** 53, Infinity, NaN, -1]) { try { engine.zeros([n]); out.push('PWNED: made ' + n); } catch (e) { out.push(e.name); } } exports.result = out.join();
