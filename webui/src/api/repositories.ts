import { api, take, type Schemas } from './client'

export type Revisions = Schemas['RepositoryRevisions']

/** The branches and tags of a git repository, as the account sees it; empty: without account. */
export function askRevisions(repository: string, account: string): Promise<Revisions> {
  return take(api.POST('/repositories/revisions', { body: { repository, ...(account === '' ? {} : { account }) } }))
}
