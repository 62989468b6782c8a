// One question to the kernel and its answer, over the custom messages of a widget's model.

// A busy kernel answers late, a stopped one never.
const PATIENCE_MS = 30_000;

export function ask(model, payload) {
  const id = crypto.randomUUID?.() ?? `${Date.now()}-${Math.random()}`; // absent on plain http
  return new Promise((resolve, reject) => {
    const done = () => {
      clearTimeout(timer);
      model.off("msg:custom", onMessage);
    };
    const onMessage = (message) => {
      if (message.id !== id) return;
      done();
      resolve(message.payload);
    };
    const timer = setTimeout(() => {
      done();
      reject(new Error(`No answer from Python for ${PATIENCE_MS / 1000} s: is the kernel busy or stopped?`));
    }, PATIENCE_MS);
    model.on("msg:custom", onMessage);
    model.send({ id, payload });
  });
}
