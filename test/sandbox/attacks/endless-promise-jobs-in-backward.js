// SUCCESS OF THE ATTACK: backward leaves promise jobs without end behind
exports.fn = class F extends engine.Function { static forward(c, x) { c.saveForBackward(x); return x.sin(); } static backward(c, g) { const spin = () => { Promise.resolve().then(spin); }; spin(); return g.mul(c.savedTensors[0].cos()); } };
