import { createRoute, lazyRouteComponent } from '@tanstack/react-router'
import { shellRoute } from './root'

const jobsRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: '/jobs',
  component: lazyRouteComponent(() => import('@/features/jobs/jobs-page'), 'JobsPage'),
})

const jobRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: '/jobs/$job',
  component: lazyRouteComponent(() => import('@/features/jobs/job-page'), 'JobPage'),
})

export const jobRoutes = [jobsRoute, jobRoute]
