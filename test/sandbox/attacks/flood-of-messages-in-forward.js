// SUCCESS OF THE ATTACK: lines printed while inputs are looked for use up the room of later ones
exports.fn = class F extends engine.Function { static forward(c, x) { for (let i = 0; i < 500; i++) console.log('probe', i); c.saveForBackward(x); return x.sin(); } static backward(c, g) { return g.mul(c.savedTensors[0].cos()); } }; exports.result = 'last line';
