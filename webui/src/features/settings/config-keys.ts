import type { Schemas } from '@/api/client'
import { counted } from '@/lib/quantity'

export interface ConfigKey {
  key: string
  meaning: string
  /** What the server tells of it; null where it tells nothing. */
  value: string | null
}

interface Told {
  server: Schemas['Server'] | undefined
  storages: readonly Schemas['Storage'][] | undefined
  ways: Schemas['SignInWays'] | undefined
}

/** What only the configuration file can change, by the names that stand there, with what is known of each. */
export function configKeys({ server, storages, ways }: Told): ConfigKey[] {
  const node = server?.nodes[0]
  const gpus = node && (node.devices.length === 0 ? 'none' : counted(node.devices.length, 'GPU'))
  const labels = node && Object.entries(node.labels)
  return [
    { key: 'listen', meaning: 'The address on which the server answers.', value: server?.address ?? null },
    { key: 'data', meaning: 'Where jobs, logs and everything else lie.', value: server?.data_folder ?? null },
    { key: 'storages', meaning: 'Folders for the files of projects, with default quotas, and for one group alone where that is said.', value: storages?.map((storage) => storage.name).join(', ') ?? null },
    { key: 'node.name', meaning: 'What this machine is called.', value: node?.name ?? null },
    { key: 'node.gpus', meaning: 'How many GPUs are used, or which there are said to be; otherwise those that the drivers list.', value: gpus ?? null },
    { key: 'node.labels', meaning: 'What the node allocator of a task asks for.', value: labels ? labels.map(([key, value]) => `${key}=${String(value)}`).join(', ') || 'none' : null },
    { key: 'sign_in.password', meaning: 'Whether people sign in with passwords.', value: ways ? (ways.password ? 'yes' : 'no') : null },
    { key: 'sign_in.providers', meaning: 'Identity providers by which people sign in.', value: ways ? ways.providers.map((provider) => provider.name).join(', ') || 'none' : null },
    { key: 'public_url', meaning: 'What browsers call the server, where a proxy stands before it.', value: null },
    { key: 'log_limit', meaning: "How much of each replica's log is kept; the oldest output goes first.", value: null },
    { key: 'stop_grace', meaning: 'How long a replica has between TERM and KILL.', value: null },
    { key: 'first_operator', meaning: 'The user that the first start makes.', value: null },
  ]
}
