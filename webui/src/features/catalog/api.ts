import { queryOptions } from '@tanstack/react-query'
import { api, take, type Schemas } from '@/api/client'

export type Template = Schemas['Template']
export type TemplateFull = Schemas['TemplateFull']
export type CatalogState = Schemas['CatalogState']
export type WizardEntry = Schemas['WizardEntry']
export type Preview = Schemas['TemplatePreview']

/** The templates that have all these words, and the catalogs that they are in. */
export function catalogQuery(text: string, catalog: string | undefined) {
  return queryOptions({
    queryKey: ['static', 'catalog', text, catalog ?? ''] as const,
    queryFn: ({ signal }) => take(api.GET('/catalog', { params: { query: { ...(text ? { text } : {}), ...(catalog ? { catalog } : {}) } }, signal })),
    staleTime: 30_000,
  })
}

/** Which catalogs there are, whatever is shown of them. */
export const catalogsQuery = queryOptions({
  queryKey: ['static', 'catalog'] as const,
  queryFn: async ({ signal }) => (await take(api.GET('/catalog', { signal }))).catalogs,
  staleTime: 30_000,
})

export interface TemplatePlace {
  catalog: string
  template: string
}

export function templateQuery({ catalog, template }: TemplatePlace) {
  return queryOptions({
    queryKey: ['static', 'template', catalog, template] as const,
    queryFn: ({ signal }) => take(api.GET('/catalog/{catalog}/{template}', { params: { path: { catalog, template } }, signal })),
    staleTime: 30_000,
  })
}

/** Reads a catalog again; that it cannot be reached is part of the answer. */
export function refreshCatalog(catalog: string): Promise<CatalogState> {
  return take(api.POST('/catalog/{catalog}/refresh', { params: { path: { catalog } } }))
}

/** What is to be made: the project's name, and the values that differ from the template's. */
export interface Wish {
  name: string
  values: Record<string, unknown>
}

/** The project that a template makes; nothing is made. Whether its name is taken changes with the projects. */
export function previewQuery(place: TemplatePlace, wish: Wish) {
  return queryOptions({
    queryKey: ['projects', 'preview', place.catalog, place.template, wish] as const,
    queryFn: ({ signal }) =>
      take(api.POST('/catalog/{catalog}/{template}/preview', { params: { path: { catalog: place.catalog, template: place.template } }, body: { name: wish.name, values: wish.values as Record<string, never> }, signal })),
    gcTime: 10_000,
    retry: false,
  })
}

export function installTemplate(place: TemplatePlace, wish: Wish, key: string): Promise<Schemas['ProjectSaved']> {
  return take(
    api.POST('/catalog/{catalog}/{template}/install', {
      params: { path: { catalog: place.catalog, template: place.template }, header: { 'Idempotency-Key': key } },
      body: { name: wish.name, values: wish.values as Record<string, never> },
    }),
  )
}
