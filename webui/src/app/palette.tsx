import { useMantineColorScheme } from '@mantine/core'
import { useDebouncedValue } from '@mantine/hooks'
import { createSpotlight, Spotlight, type SpotlightActionData, type SpotlightActionGroupData } from '@mantine/spotlight'
import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { useEffect, useState } from 'react'
import { api, take } from '@/api/client'
import { useMe } from '@/api/session'
import { lookOf } from '@/api/states'
import { kOperatorPlaces, kScientistPlaces } from './places'

const [store, palette] = createSpotlight()

export const openPalette = () => palette.open()

const kEach = 6

// The kit selects when something is typed, in the list as it was before the server has answered.
function selectFirst() {
  const list = document.getElementById(store.getState().listId)
  list?.querySelector('[data-selected]')?.removeAttribute('data-selected')
  list?.querySelector('[data-action]')?.setAttribute('data-selected', 'true')
  store.updateState((state) => ({ ...state, selected: 0 }))
}

async function find(text: string, isOperator: boolean) {
  const [projects, jobs, users] = await Promise.all([
    take(api.GET('/projects', { params: { query: { text, limit: kEach } } })),
    take(api.GET('/jobs', { params: { query: { text, limit: kEach } } })),
    take(api.GET('/users', { params: { query: { text, limit: kEach } } })),
  ])
  const matches = (name: string) => name.toLowerCase().includes(text.toLowerCase())
  const pools = isOperator ? await take(api.GET('/pools')) : { items: [] }
  const groups = isOperator ? await take(api.GET('/groups')) : { items: [] }
  return {
    projects: projects.items,
    jobs: jobs.items,
    users: users.items,
    pools: pools.items.filter((pool) => matches(pool.name)).slice(0, kEach),
    groups: groups.items.filter((group) => matches(group.name)).slice(0, kEach),
  }
}

/** Search over everything one may see, and every command, on one key. */
export function Palette() {
  const [text, setText] = useState('')
  const [settled] = useDebouncedValue(text.trim(), 120)
  const me = useMe()
  const navigate = useNavigate()
  const { setColorScheme } = useMantineColorScheme()
  const found = useQuery({
    queryKey: ['jobs', 'palette', settled],
    queryFn: () => find(settled, me.isOperator),
    enabled: settled !== '',
    placeholderData: keepPreviousData,
  })
  const answered = settled !== '' && !found.isPending && !found.isPlaceholderData ? settled : null
  useEffect(() => {
    if (answered !== null) selectFirst()
  }, [answered])
  const matches = (action: SpotlightActionData) => (action.label ?? '').toLowerCase().includes(text.trim().toLowerCase())
  const places = me.isOperator ? [...kScientistPlaces, ...kOperatorPlaces.map((place) => ({ ...place, name: `Operator: ${place.name}` }))] : kScientistPlaces
  const commands: SpotlightActionData[] = [
    ...places.map((place) => ({ id: `go ${place.name}`, label: place.name, description: 'Go there', onClick: () => void navigate(place.link) })),
    { id: 'new project', label: 'New project', description: 'Empty, from a file, or from git', onClick: () => void navigate({ to: '/projects/new' }) },
    { id: 'account', label: 'Account and access tokens', onClick: () => void navigate({ to: '/account' }) },
    { id: 'light', label: 'Light colours', onClick: () => setColorScheme('light') },
    { id: 'dark', label: 'Dark colours', onClick: () => setColorScheme('dark') },
  ].filter(matches)

  const groups: SpotlightActionGroupData[] = []
  const add = (group: string, actions: SpotlightActionData[]) => {
    if (actions.length > 0) groups.push({ group, actions })
  }
  if (settled !== '' && found.data) {
    const { data } = found
    add('Projects', data.projects.map((project) => ({ id: `project ${project.id}`, label: project.name, description: project.summary_line, onClick: () => void navigate({ to: '/projects/$project', params: { project: project.name } }) })))
    add('Jobs', data.jobs.map((job) => ({ id: `job ${job.id}`, label: job.name, description: `${lookOf(job.state).glyph} ${job.state} · ${job.owner}`, onClick: () => void navigate({ to: '/jobs/$job', params: { job: job.id } }) })))
    if (me.isOperator) {
      add('Users', data.users.map((user) => ({ id: `user ${user.id}`, label: user.name, description: `${user.role}, ${user.group.name}`, onClick: () => void navigate({ to: '/operator/users', search: { user: user.name } }) })))
      add('Groups', data.groups.map((group) => ({ id: `group ${group.id}`, label: group.name, onClick: () => void navigate({ to: '/operator/groups', search: { group: group.name } }) })))
      add('Pools', data.pools.map((pool) => ({ id: `pool ${pool.id}`, label: pool.name, description: `${pool.used} of ${pool.total} GPUs in use`, onClick: () => void navigate({ to: '/operator/pools', search: { pool: pool.name } }) })))
    }
  }
  add('Commands', commands)
  return (
    <Spotlight
      store={store}
      actions={groups}
      // The server has searched; what it found matches by more than the name.
      filter={(_, actions) => actions}
      query={text}
      onQueryChange={setText}
      shortcut={['mod + K']}
      // From wherever one is, filters and editors too.
      tagsToIgnore={[]}
      triggerOnContentEditable
      limit={60}
      scrollable
      maxHeight={420}
      nothingFound={found.error ? 'The server could not search.' : 'Nothing of that name'}
      searchProps={{ placeholder: 'Projects, jobs, people, commands', 'aria-label': 'Search and commands' }}
    />
  )
}
