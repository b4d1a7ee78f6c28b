import { describe, expect, it } from 'vitest'
import { configKeys } from './config-keys'

const valueOf = (told: Parameters<typeof configKeys>[0], key: string) => configKeys(told).find((each) => each.key === key)?.value

describe('what only the configuration file changes', () => {
  it('is told by its name, with what the server says of it', () => {
    const told = {
      server: { address: '127.0.0.1:7171', data_folder: '/srv', nodes: [{ name: 'gpu-1', devices: [{}, {}], labels: { disk: 'ssd' } }] } as never,
      storages: [{ name: 'default' }] as never,
      ways: { password: true, providers: [] },
    }
    expect(valueOf(told, 'listen')).toBe('127.0.0.1:7171')
    expect(valueOf(told, 'node.gpus')).toBe('2 GPUs')
    expect(valueOf(told, 'node.labels')).toBe('disk=ssd')
    expect(valueOf(told, 'sign_in.providers')).toBe('none')
  })

  it('claims nothing that the server has not told', () => {
    const told = { server: undefined, storages: undefined, ways: undefined }
    expect(configKeys(told).every((each) => each.value === null)).toBe(true)
  })
})
