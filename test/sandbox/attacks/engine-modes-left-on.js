// SUCCESS OF THE ATTACK: a mode of the engine is left for the next check
engine.setGradEnabled(false); engine.manualSeed(99); engine.rand([1000]); try { engine.autograd.setDetectAnomaly(true); } catch (e) {} exports.result = 'left on';
