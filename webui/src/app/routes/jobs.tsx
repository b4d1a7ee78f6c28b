import { createRoute, lazyRouteComponent } from '@tanstack/react-router'
import { compareSearch } from '@/features/jobs/compare-search'
import { jobsSearch } from '@/features/jobs/jobs-search'
import { shellRoute } from './root'

const jobsRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: '/jobs',
  validateSearch: jobsSearch,
  component: lazyRouteComponent(() => import('../pages/jobs'), 'Jobs'),
})

const compareRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: '/jobs/compare',
  validateSearch: compareSearch,
  component: lazyRouteComponent(() => import('../pages/compare'), 'Compare'),
})

const jobRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: '/jobs/$job',
  component: lazyRouteComponent(() => import('@/features/jobs/job-page'), 'JobPage'),
})

export const jobRoutes = [jobsRoute, compareRoute, jobRoute]
