import { Button, Select, TextInput } from '@mantine/core'
import { useDebouncedCallback, useHotkeys } from '@mantine/hooks'
import { keepPreviousData, useQuery, useQueryClient } from '@tanstack/react-query'
import { getRouteApi, Link } from '@tanstack/react-router'
import { useRef, useState } from 'react'
import { counted } from '@/lib/quantity'
import { useAction } from '@/ui/action'
import { EmptyState } from '@/ui/empty-state'
import { Page } from '@/ui/page'
import { Loaded, Panel } from '@/ui/panel'
import { TimeAgo } from '@/ui/time'
import { sayDone, sayFailed } from '@/ui/toast'
import { catalogQuery, catalogsQuery, refreshCatalog, type CatalogState, type Template } from './api'
import classes from './catalog.module.css'
import { Icon, Keywords } from './parts'

const route = getRouteApi('/shell/catalog')
const kSettleMs = 200

/** Templates of projects, to begin with. */
export function CatalogPage() {
  const search = route.useSearch()
  const navigate = route.useNavigate()
  const query = useQuery({ ...catalogQuery(search.text ?? '', search.catalog), placeholderData: keepPreviousData })
  const catalogs = useQuery(catalogsQuery).data ?? []
  const change = (next: typeof search) => void navigate({ search: next, replace: true, resetScroll: false })
  return (
    <Page title="Catalog" filled>
      <div className={classes.page}>
        <div className={classes.bar} role="search">
          <FilterText text={search.text ?? ''} onText={(text) => change({ ...search, text: text || undefined })} />
          {catalogs.length > 1 && (
            <Select
              aria-label="Catalog"
              data={[{ value: '', label: 'All catalogs' }, ...catalogs.map((each) => ({ value: each.name, label: each.name }))]}
              value={search.catalog ?? ''}
              allowDeselect={false}
              onChange={(catalog) => change({ ...search, catalog: catalog || undefined })}
            />
          )}
          <span className={classes.space} />
          {query.data && (
            <span className="dim" role="status">
              {counted(query.data.items.length, 'template')}
            </span>
          )}
        </div>
        {catalogs.map((each) => each.fault !== null && <Unread key={each.name} catalog={each} />)}
        <Loaded query={query} what="The catalog could not be read" rows={8}>
          {({ items }) =>
            items.length === 0 ? (
              <Nothing isFiltered={search.text !== undefined || search.catalog !== undefined} onAll={() => change({})} />
            ) : (
              <ul className={classes.cards} aria-label="Templates">
                {items.map((template) => (
                  <Card key={`${template.catalog}/${template.name}`} template={template} />
                ))}
              </ul>
            )
          }
        </Loaded>
        {catalogs.some((each) => each.kind !== 'built-in') && <Catalogs catalogs={catalogs} />}
      </div>
    </Page>
  )
}

function FilterText({ text, onText }: { text: string; onText: (text: string) => void }) {
  const input = useRef<HTMLInputElement>(null)
  const [typed, setTyped] = useState(text)
  const [shown, setShown] = useState(text)
  const settle = useDebouncedCallback(onText, kSettleMs)
  // The address may also change by going back.
  if (shown !== text) {
    setShown(text)
    if (text !== typed.trim()) setTyped(text)
  }
  useHotkeys([['/', () => input.current?.focus()]])
  return (
    <TextInput
      ref={input}
      className={classes.search ?? ''}
      type="search"
      aria-label="Find templates by name, description or keyword"
      placeholder="Find  ( / )"
      value={typed}
      onChange={(event) => {
        setTyped(event.currentTarget.value)
        settle(event.currentTarget.value.trim())
      }}
      onKeyDown={(event) => {
        if (event.key === 'Escape') input.current?.blur()
      }}
    />
  )
}

function Card({ template }: { template: Template }) {
  return (
    <li className={classes.card}>
      <div className={classes.head}>
        <Icon template={template} />
        <div className={classes.names}>
          <h2 className={`${classes.title} clip`} title={template.title}>
            <Link to="/catalog/$catalog/$template" params={{ catalog: template.catalog, template: template.name }}>
              {template.title}
            </Link>
          </h2>
          <div className="dim clip">
            {template.catalog}
            {template.version !== '' && ` · ${template.version}`}
          </div>
        </div>
      </div>
      <p className={classes.about} title={template.description}>
        {template.description || template.faults[0]?.message}
      </p>
      <Keywords words={template.keywords} />
      {(template.has_form || !template.sound) && (
        <div className={classes.foot}>
          {template.has_form && <span className="dim">with a form</span>}
          {!template.sound && (
            <span className="tone-bad">
              <span aria-hidden="true">✕</span> broken: {counted(template.faults.length, 'fault')}
            </span>
          )}
        </div>
      )}
    </li>
  )
}

function Nothing({ isFiltered, onAll }: { isFiltered: boolean; onAll: () => void }) {
  if (isFiltered) {
    return (
      <EmptyState title="No template is like that" action={<Button onClick={onAll}>Show all templates</Button>}>
        Every word must be in a template’s name, its description or its keywords.
      </EmptyState>
    )
  }
  return (
    <EmptyState title="No templates" command="pintle catalog list" action={<Button renderRoot={(props) => <Link to="/projects/new" {...props} />}>Make a project without one</Button>}>
      A template makes a project with tasks, sources and often a form, after a few questions. Whoever runs the server names further catalogs, folders or git repositories, under `catalogs` in its configuration.
    </EmptyState>
  )
}

function Unread({ catalog }: { catalog: CatalogState }) {
  return (
    <div className={classes.notice} role="status">
      <span className="tone-waiting" aria-hidden="true">
        ▲{' '}
      </span>
      The catalog {catalog.name} cannot be read{catalog.fault_since && <>, first <TimeAgo at={catalog.fault_since} /></>}: {catalog.fault}. {catalog.read_at === null ? 'Nothing is known of it.' : <>What it was <TimeAgo at={catalog.read_at} /> is shown.</>}
    </div>
  )
}

/** Where the templates come from. */
function Catalogs({ catalogs }: { catalogs: readonly CatalogState[] }) {
  return (
    <div className={classes.catalogs}>
      <Panel title="Catalogs">
        <dl className={classes.facts}>
          {catalogs.map((each) => (
            <CatalogFact key={each.name} catalog={each} />
          ))}
        </dl>
      </Panel>
    </div>
  )
}

function CatalogFact({ catalog }: { catalog: CatalogState }) {
  const client = useQueryClient()
  const reading = useAction()
  const readAgain = async () => {
    await reading.run(async () => {
      try {
        const state = await refreshCatalog(catalog.name)
        if (state.fault === null) sayDone(`${catalog.name} was read: ${counted(state.templates, 'template')}.`)
        else sayFailed(`${catalog.name} cannot be read`, new Error(state.fault))
      } catch (error) {
        sayFailed(`${catalog.name} was not read`, error)
      }
      await client.invalidateQueries({ queryKey: ['static', 'catalog'] })
      await client.invalidateQueries({ queryKey: ['static', 'template', catalog.name] })
    })
  }
  return (
    <>
      <dt>{catalog.name}</dt>
      <dd>
        {catalog.kind === 'built-in' ? 'in the program' : (catalog.place ?? 'a folder of the server')}
        {catalog.revision !== null && ` at ${catalog.revision}`}
        {catalog.commit !== null && <span className="mono"> {catalog.commit.slice(0, 8)}</span>} · {counted(catalog.templates, 'template')}
        {catalog.broken > 0 && <span className="tone-bad">, {catalog.broken} broken</span>}
        {catalog.kind !== 'built-in' && catalog.read_at !== null && (
          <span className="dim">
            {' '}
            · read <TimeAgo at={catalog.read_at} />
          </span>
        )}{' '}
        {catalog.kind !== 'built-in' && (
          <Button size="compact-xs" loading={reading.busy} aria-label={`Read ${catalog.name} again`} onClick={() => void readAgain()}>
            Read again
          </Button>
        )}
      </dd>
    </>
  )
}
