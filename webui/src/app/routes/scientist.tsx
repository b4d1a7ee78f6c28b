import { createRoute, lazyRouteComponent } from '@tanstack/react-router'
import { known, oneIn } from '@/lib/search-params'
import { shellRoute } from './root'

const homeRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: '/',
  component: lazyRouteComponent(() => import('@/features/home/home-page'), 'HomePage'),
})

const accountRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: '/account',
  component: lazyRouteComponent(() => import('../pages/account'), 'Account'),
})

const queueRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: '/queue',
  validateSearch: (search: Record<string, unknown>): { held?: 'no' } => known({ held: oneIn(search, 'held', ['no']) }),
  component: lazyRouteComponent(() => import('@/features/queue/queue-page'), 'QueuePage'),
})

export const scientistRoutes = [homeRoute, accountRoute, queueRoute]
