import { createRoute, lazyRouteComponent } from '@tanstack/react-router'
import { kSteps } from '@/features/catalog/wizard-steps'
import { known, oneIn, textIn } from '@/lib/search-params'
import { shellRoute } from './root'

const catalogRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: '/catalog',
  validateSearch: (search: Record<string, unknown>) => known({ text: textIn(search, 'text'), catalog: textIn(search, 'catalog') }),
  component: lazyRouteComponent(() => import('@/features/catalog/catalog-page'), 'CatalogPage'),
})

const templateRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: '/catalog/$catalog/$template',
  component: lazyRouteComponent(() => import('@/features/catalog/template-page'), 'TemplatePage'),
})

const installRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: '/catalog/$catalog/$template/install',
  validateSearch: (search: Record<string, unknown>) => known({ step: oneIn(search, 'step', kSteps) }),
  component: lazyRouteComponent(() => import('@/features/catalog/install-page'), 'InstallPage'),
})

export const catalogRoutes = [catalogRoute, templateRoute, installRoute]
