// SUCCESS OF THE ATTACK: forward is another function where it is measured than where autograd calls it
exports.fn = class F extends engine.Function { static forward(c, x) { c.saveForBackward(x); return c.needsInputGrad[0] ? x.sin() : x.mul(x); } static backward(c, g) { return g.mul(c.savedTensors[0].mul(2)); } };
