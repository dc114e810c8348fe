// SUCCESS OF THE ATTACK: sampleInputs never ends
exports.fn = class F extends engine.Function { static *sampleInputs() { for (;;) yield [1]; } static forward(c, x) { c.saveForBackward(x); return x.sin(); } static backward(c, g) { return g; } };
exports.fn.sampleInputs = undefined; exports.inputs = { get length() { for (;;) ; }, [Symbol.iterator]() { for (;;) ; } };
