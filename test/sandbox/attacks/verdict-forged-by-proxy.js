// SUCCESS OF THE ATTACK: a Proxy round the class shows the judge another forward than it shows others
class F extends engine.Function { static forward(c, x) { c.saveForBackward(x); return x.sin(); } static backward(c, g) { return g.mul(c.savedTensors[0].sin()); } }
exports.fn = new Proxy(F, { get(t, k, r) { return k === 'backward' ? (c, g) => g.mul(c.savedTensors[0].sin()) : Reflect.get(t, k, r); } });
