// SUCCESS OF THE ATTACK: a backward that runs other backwards confuses the tape that it is run from
class F extends engine.Function { static forward(ctx, x) { ctx.saveForBackward(x); return x.mul(x); } static backward(ctx, g) { try { engine.enableGrad(() => { const z = engine.ones([2]).requiresGrad_(); z.mul(z).sum().backward(); }); } catch (e) {} try { g.sum().backward(); } catch (e) {} return g.mul(ctx.savedTensors[0]).mul(2); } }
exports.fn = F; exports.result = 'ran';
