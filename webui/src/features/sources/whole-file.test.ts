import { afterEach, expect, it, vi } from 'vitest'
import type { ProjectFull } from '@/api/projects'
import { wholeFile } from './api'

const project = { id: 'p' } as ProjectFull

function answering(answer: () => Promise<Response>) {
  vi.stubGlobal('fetch', answer)
}

afterEach(() => vi.unstubAllGlobals())

it('reads a small file, and of a larger one nothing', async () => {
  answering(() => Promise.resolve(new Response('hello')))
  expect((await wholeFile(project, 's', 'a', 5))?.size).toBe(5)
  answering(() => Promise.resolve(new Response('hello!')))
  expect(await wholeFile(project, 's', 'a', 5)).toBeNull()
})

it('says that the server cannot be reached when nobody answers or the file breaks off', async () => {
  const expected = { isUnreachable: true, message: 'The server cannot be reached.' }
  answering(() => Promise.reject(new TypeError('Failed to fetch')))
  await expect(wholeFile(project, 's', 'a', 5)).rejects.toMatchObject(expected)
  const broken = () =>
    new ReadableStream({
      pull: (controller) => controller.error(new TypeError('network error')),
    })
  answering(() => Promise.resolve(new Response(broken())))
  await expect(wholeFile(project, 's', 'a', 5)).rejects.toMatchObject(expected)
})

it('tells what the server says of a file', async () => {
  answering(() => Promise.resolve(new Response('{"code":"not_found","message":"there is no a"}', { status: 404 })))
  await expect(wholeFile(project, 's', 'a', 5)).rejects.toThrow('there is no a')
})
