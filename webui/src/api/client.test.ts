import { expect, it } from 'vitest'
import { take, whenSignedOut } from './client'

function refused(path: string) {
  const response = new Response('{}', { status: 401 })
  Object.defineProperty(response, 'url', { value: `http://here/api/v1${path}` })
  return Promise.resolve({ error: { code: 'unauthenticated', message: 'no' }, response })
}

it('tells that the session has ended, but not when a password was wrong', async () => {
  let told = 0
  const stop = whenSignedOut(() => ++told)
  await expect(take(refused('/password'))).rejects.toThrow('no')
  expect(told).toBe(0)
  await expect(take(refused('/jobs'))).rejects.toThrow('no')
  expect(told).toBe(1)
  stop()
})

it('says of an answer that breaks off that the server cannot be reached', async () => {
  await expect(take(Promise.reject(new TypeError('Failed to fetch')))).rejects.toMatchObject({ isUnreachable: true, message: 'The server cannot be reached.' })
  const given = new DOMException('stopped', 'AbortError')
  await expect(take(Promise.reject(given))).rejects.toBe(given)
})
