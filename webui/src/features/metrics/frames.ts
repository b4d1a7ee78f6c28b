type Work = () => void

const kSpentMs = 8
let waiting: Work[] = []
let asked = false

function run() {
  const began = performance.now()
  while (waiting.length > 0 && performance.now() - began < kSpentMs) waiting.shift()!()
  asked = waiting.length > 0
  if (asked) requestAnimationFrame(run)
}

/** Does what takes a while in one of the next pictures, so that twenty of it do not hold up one. Returns how to call it off. */
export function inSomeFrame(work: Work): () => void {
  waiting.push(work)
  if (!asked) {
    asked = true
    requestAnimationFrame(run)
  }
  return () => {
    waiting = waiting.filter((each) => each !== work)
  }
}
