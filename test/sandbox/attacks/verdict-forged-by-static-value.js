// SUCCESS OF THE ATTACK: a wrong backward is judged correct, as a static `value` stands in for forward
exports.fn = class F extends engine.Function { static forward(c, x) { c.saveForBackward(x); return x.sin(); } static backward(c, g) { return g.mul(c.savedTensors[0].mul(2)); } static value(x) { return x.mul(x); } };
