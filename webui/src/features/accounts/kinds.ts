import type { Account, AccountEdit, NewAccount } from './api'

export type Kind = NewAccount['kind']

interface Field {
  label: string
  placeholder: string
  required: boolean
}

/** What a kind of account is called, and what its form asks for. A field that is not there is not asked for. */
export interface KindOfAccount {
  kind: Kind
  label: string
  about: string
  server: Field
  user?: Field
  secret: { label: string; lines: boolean }
  knowsHosts: boolean
}

const anyServer = (placeholder: string): Field => ({ label: 'Only for this server', placeholder, required: false })

export const kKinds: readonly KindOfAccount[] = [
  {
    kind: 'git_token',
    label: 'Git token',
    about: 'for addresses such as https://host/team/repo',
    server: anyServer('github.com'),
    user: { label: 'User', placeholder: 'git', required: false },
    secret: { label: 'Token', lines: false },
    knowsHosts: false,
  },
  {
    kind: 'git_key',
    label: 'Git deploy key',
    about: 'for addresses such as git@host:team/repo',
    server: anyServer('github.com'),
    secret: { label: 'Private key', lines: true },
    knowsHosts: true,
  },
  {
    kind: 's3',
    label: 'S3',
    about: 'for buckets at Amazon or elsewhere',
    server: anyServer('minio.example:9000'),
    user: { label: 'Access key', placeholder: 'AKIA…', required: true },
    secret: { label: 'Secret key', lines: false },
    knowsHosts: false,
  },
  {
    kind: 'registry',
    label: 'Image registry',
    about: 'for private container images',
    server: { label: 'Registry', placeholder: 'registry.example', required: true },
    user: { label: 'User', placeholder: 'robot', required: true },
    secret: { label: 'Password', lines: false },
    knowsHosts: false,
  },
]

/** Of a kind that a newer server knows, what is common to all. */
export function kindOf(kind: string): KindOfAccount {
  return kKinds.find((each) => each.kind === kind) ?? { ...(kKinds[0] as KindOfAccount), label: kind, about: '' }
}

/** What somebody has typed. */
export interface Draft {
  name: string
  server: string
  user: string
  secret: string
  knownHosts: string
}

export const kNothing: Draft = { name: '', server: '', user: '', secret: '', knownHosts: '' }

export function draftOf(account: Account): Draft {
  return { name: account.name, server: account.server ?? '', user: account.user ?? '', secret: '', knownHosts: account.known_hosts ?? '' }
}

export function newAccountOf(kind: KindOfAccount, draft: Draft, shared: boolean): NewAccount {
  return {
    name: draft.name.trim(),
    kind: kind.kind,
    secret: draft.secret,
    ...(draft.server.trim() ? { server: draft.server.trim() } : {}),
    ...(kind.user && draft.user.trim() ? { user: draft.user.trim() } : {}),
    ...(kind.knowsHosts && draft.knownHosts.trim() ? { known_hosts: draft.knownHosts } : {}),
    ...(shared ? { shared } : {}),
  }
}

/** Only what was changed; an empty secret is none. */
export function editOf(account: Account, draft: Draft): AccountEdit {
  const before = draftOf(account)
  return {
    ...(draft.name.trim() === before.name ? {} : { name: draft.name.trim() }),
    ...(draft.server.trim() === before.server ? {} : { server: draft.server.trim() }),
    ...(draft.user.trim() === before.user ? {} : { user: draft.user.trim() }),
    ...(draft.knownHosts === before.knownHosts ? {} : { known_hosts: draft.knownHosts }),
    ...(draft.secret === '' ? {} : { secret: draft.secret }),
  }
}

/** Why the form cannot be sent yet; nothing when it can. */
export function missingIn(kind: KindOfAccount, draft: Draft, isNew: boolean): string | null {
  if (!draft.name.trim()) return 'a name'
  if (kind.server.required && !draft.server.trim()) return kind.server.label
  if (kind.user?.required && !draft.user.trim()) return kind.user.label
  return isNew && !draft.secret.trim() ? kind.secret.label : null
}
