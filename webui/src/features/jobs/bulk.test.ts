import { expect, it } from 'vitest'
import { forEach } from './bulk'

it('does it to all, a few at a time, and says what could not be done', async () => {
  let now = 0
  let most = 0
  const ids = Array.from({ length: 40 }, (_, index) => String(index))
  const outcome = await forEach(ids, async (id) => {
    most = Math.max(most, ++now)
    await Promise.resolve()
    --now
    if (id === '7') throw new Error('it has ended')
  })
  expect(most).toBeLessThanOrEqual(6)
  expect(outcome).toEqual({ done: 39, failed: [{ id: '7', message: 'it has ended' }] })
})
