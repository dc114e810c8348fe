// SUCCESS OF THE ATTACK: a class of the engine that no export names is changed by way of an instance
const x = engine.tensor([1, 2]).requiresGrad_(); const y = x.sin().mul(x).sum(); const out = []; const seen = new Set();
const walk = (o, d) => { if (o === null || typeof o !== 'object' || d > 6 || seen.has(o)) return; seen.add(o); const p = Object.getPrototypeOf(o); for (const k of Reflect.ownKeys(p ?? {})) { try { Object.defineProperty(p, k, { value: () => 42 }); out.push('PWNED: ' + String(k)); } catch (e) { } } try { if (o.nextFunctions) for (const n of [...o.nextFunctions].flat()) walk(n, d + 1); } catch (e) {} };
walk(y, 0); walk(y.gradFn, 0); walk(x.shape, 0); exports.result = out.join(' ') || 'held, ' + seen.size;
