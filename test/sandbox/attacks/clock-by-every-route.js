// SUCCESS OF THE ATTACK: the time of day is read
const out = []; for (const s of ['Date.now()', 'new Date().getTime()', 'Date()', 'performance.now()', 'new Intl.DateTimeFormat().format()', 'Temporal.Now.instant()', 'process.hrtime()', 'new (Object.getPrototypeOf(new Date(0)).constructor)().getTime()', 'Reflect.construct(Date, []).getTime()', 'Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 5)']) { try { const v = (0, eval)(s); out.push(Number.isNaN(v) ? 'blocked' : 'PWNED: ' + s + ' is ' + v); } catch (e) { out.push('blocked'); } }
exports.result = out.join(' ');
