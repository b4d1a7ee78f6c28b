import { createRoute, lazyRouteComponent, notFound } from '@tanstack/react-router'
import { sessionQuery } from '@/api/session'
import { known, momentIn, oneIn, textIn } from '@/lib/search-params'
import { shellRoute } from './root'

type Search = Record<string, unknown>

const operatorRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: '/operator',
  beforeLoad: async ({ context }) => {
    const session = await context.client.ensureQueryData(sessionQuery)
    if (session.role !== 'operator') throw notFound()
  },
})

const clusterRoute = createRoute({
  getParentRoute: () => operatorRoute,
  path: '/',
  validateSearch: (search: Search): { span?: '1h' | '24h' | '7d' } => known({ span: oneIn(search, 'span', ['1h', '24h', '7d']) }),
  component: lazyRouteComponent(() => import('../pages/cluster'), 'Cluster'),
})

interface QueueSearch {
  pool?: string
  held?: 'no'
}

function queueSearch(search: Search): QueueSearch {
  return known({ pool: textIn(search, 'pool'), held: oneIn(search, 'held', ['no']) })
}

const queueRoute = createRoute({
  getParentRoute: () => operatorRoute,
  path: '/queue',
  validateSearch: queueSearch,
  component: lazyRouteComponent(() => import('@/features/queue/queue-page'), 'OperatorQueuePage'),
})

interface UsersSearch {
  user?: string
  text?: string
  group?: string
  role?: 'operator' | 'data scientist'
  /** With those who were off-boarded. */
  left?: 'yes'
}

const usersRoute = createRoute({
  getParentRoute: () => operatorRoute,
  path: '/users',
  validateSearch: (search: Search): UsersSearch =>
    known({ user: textIn(search, 'user'), text: textIn(search, 'text'), group: textIn(search, 'group'), role: oneIn(search, 'role', ['operator', 'data scientist']), left: oneIn(search, 'left', ['yes']) }),
  component: lazyRouteComponent(() => import('@/features/users/users-page'), 'UsersPage'),
})

const groupsRoute = createRoute({
  getParentRoute: () => operatorRoute,
  path: '/groups',
  validateSearch: (search: Search): { group?: string; text?: string } => known({ group: textIn(search, 'group'), text: textIn(search, 'text') }),
  component: lazyRouteComponent(() => import('@/features/groups/groups-page'), 'GroupsPage'),
})

const poolsRoute = createRoute({
  getParentRoute: () => operatorRoute,
  path: '/pools',
  validateSearch: (search: Search): { pool?: string } => known({ pool: textIn(search, 'pool') }),
  component: lazyRouteComponent(() => import('@/features/pools/pools-page'), 'PoolsPage'),
})

const nodesRoute = createRoute({
  getParentRoute: () => operatorRoute,
  path: '/nodes',
  validateSearch: (search: Search): { node?: string } => known({ node: textIn(search, 'node') }),
  component: lazyRouteComponent(() => import('@/features/nodes/nodes-page'), 'NodesPage'),
})

interface DevicesSearch {
  text?: string
  pool?: string
  node?: string
  model?: string
  state?: 'free' | 'in use' | 'unhealthy'
}

const devicesRoute = createRoute({
  getParentRoute: () => operatorRoute,
  path: '/devices',
  validateSearch: (search: Search): DevicesSearch =>
    known({ text: textIn(search, 'text'), pool: textIn(search, 'pool'), node: textIn(search, 'node'), model: textIn(search, 'model'), state: oneIn(search, 'state', ['free', 'in use', 'unhealthy']) }),
  component: lazyRouteComponent(() => import('@/features/devices/devices-page'), 'DevicesPage'),
})

interface StoragesSearch {
  storage?: string
  by?: 'projects' | 'groups'
  sort?: 'smallest' | 'files' | 'name' | 'oldest' | 'fullest'
  text?: string
}

const storagesRoute = createRoute({
  getParentRoute: () => operatorRoute,
  path: '/storages',
  validateSearch: (search: Search): StoragesSearch =>
    known({ storage: textIn(search, 'storage'), by: oneIn(search, 'by', ['projects', 'groups']), sort: oneIn(search, 'sort', ['smallest', 'files', 'name', 'oldest', 'fullest']), text: textIn(search, 'text') }),
  component: lazyRouteComponent(() => import('@/features/storages/storages-page'), 'StoragesPage'),
})

interface AuditSearch {
  actor?: string
  action?: string
  subject?: string
  span?: '1h' | '24h' | '7d' | '30d'
  /** Moments, as the server writes them; they come before the span. */
  since?: string
  until?: string
}

const auditRoute = createRoute({
  getParentRoute: () => operatorRoute,
  path: '/audit',
  validateSearch: (search: Search): AuditSearch =>
    known({ actor: textIn(search, 'actor'), action: textIn(search, 'action'), subject: textIn(search, 'subject'), span: oneIn(search, 'span', ['1h', '24h', '7d', '30d']), since: momentIn(search, 'since'), until: momentIn(search, 'until') }),
  component: lazyRouteComponent(() => import('@/features/audit/audit-page'), 'AuditPage'),
})

const settingsRoute = createRoute({
  getParentRoute: () => operatorRoute,
  path: '/settings',
  component: lazyRouteComponent(() => import('@/features/settings/settings-page'), 'SettingsPage'),
})

export const operatorRoutes = [operatorRoute.addChildren([clusterRoute, queueRoute, usersRoute, groupsRoute, poolsRoute, nodesRoute, devicesRoute, storagesRoute, auditRoute, settingsRoute])]
