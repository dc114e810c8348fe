// SUCCESS OF THE ATTACK: entropy other than the seed is read
const out = []; for (const s of ['crypto.randomUUID()', 'crypto.getRandomValues(new Uint8Array(4))', 'process.pid', 'require("crypto").randomBytes(4)']) { try { out.push('PWNED: ' + (0, eval)(s)); } catch (e) { out.push('blocked'); } }
exports.result = out.join(' ') + (Math.random() === Math.random() ? ' PWNED: not random' : '');
