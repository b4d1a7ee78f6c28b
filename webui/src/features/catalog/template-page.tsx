import { Button } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { getRouteApi, Link } from '@tanstack/react-router'
import { ApiError } from '@/api/error'
import { bytesText, counted } from '@/lib/quantity'
import { Command } from '@/ui/copy'
import { EmptyState } from '@/ui/empty-state'
import { Markdown } from '@/ui/markdown'
import { Page } from '@/ui/page'
import { Loaded, Panel } from '@/ui/panel'
import { templateQuery, type TemplateFull } from './api'
import classes from './catalog.module.css'
import { Icon, Keywords, TemplateFaults } from './parts'
import { kKindNames, linkOf } from './wizard'

const route = getRouteApi('/shell/catalog/$catalog/$template')

/** One template: what it says of itself, what it asks for, and what it brings. */
export function TemplatePage() {
  const place = route.useParams()
  const query = useQuery(templateQuery(place))
  const template = query.data
  const crumbs = [{ text: 'Catalog', link: { to: '/catalog' as const } }]
  if (!template && query.error instanceof ApiError && query.error.isMissing) {
    return (
      <Page title={place.template} crumbs={crumbs}>
        <EmptyState title="There is no such template" command="pintle catalog list" action={<Link to="/catalog">All templates</Link>}>
          {query.error.message}
        </EmptyState>
      </Page>
    )
  }
  return (
    <Page
      title={template?.title ?? place.template}
      crumbs={crumbs}
      beside={template && template.version !== '' && <span className="dim" style={{ fontSize: 13, fontWeight: 400 }}>{template.version}</span>}
      actions={
        template?.sound && (
          <Button variant="filled" renderRoot={(props) => <Link to="/catalog/$catalog/$template/install" params={place} {...props} />}>
            Install…
          </Button>
        )
      }
    >
      <Loaded query={query} what="The template could not be read" rows={10}>
        {(data) => <Shown template={data} />}
      </Loaded>
    </Page>
  )
}

const kFilesShown = 30

/** Files that only keep a folder come last. */
function plainFirst(files: TemplateFull['files']): TemplateFull['files'] {
  const isPlain = (path: string) => !/(^|\/)\.[^/]*$/.test(path)
  return [...files.filter((file) => isPlain(file.path)), ...files.filter((file) => !isPlain(file.path))]
}

function Shown({ template }: { template: TemplateFull }) {
  return (
    <div className={classes.columns}>
      <div className={classes.column}>
        {!template.sound && (
          <Panel title="It is broken and makes no projects">
            <TemplateFaults faults={template.faults} />
          </Panel>
        )}
        {template.readme.trim() === '' ? <p className="wrap">{template.description || 'It says nothing of itself.'}</p> : <Markdown>{template.readme}</Markdown>}
      </div>
      <div className={classes.column}>
        <Panel title="About">
          <div className={classes.column}>
            <div className={classes.head} style={{ alignItems: 'flex-start' }}>
              <Icon template={template} />
              <span className="wrap">{template.description}</span>
            </div>
            <Keywords words={template.keywords} />
            <About template={template} />
            <Command>{`pintle catalog install ${template.catalog}/${template.name}`}</Command>
          </div>
        </Panel>
        <Panel title="What it asks for">
          {template.wizard.length === 0 ? (
            'Nothing but a name for the project.'
          ) : (
            <dl className={classes.facts}>
              {template.wizard.map((entry) => (
                <FactOf key={entry.key} name={entry.name}>
                  {kKindNames[entry.kind] ?? entry.kind}
                  {entry.required && <span className="dim"> · needed</span>}
                </FactOf>
              ))}
            </dl>
          )}
        </Panel>
        <Panel title="What it brings">
          {template.has_form && <p style={{ margin: '0 0 6px' }}>A form, by which anybody starts its jobs.</p>}
          {template.files.length === 0 ? (
            <span className="dim">No files.</span>
          ) : (
            <>
              <div className="dim">
                {counted(template.files.length, 'file')}, {bytesText(template.files_bytes)}
              </div>
              <ul className={classes.list}>
                {plainFirst(template.files).slice(0, kFilesShown).map((file) => (
                  <li key={`${file.source}/${file.path}`}>
                    <span className="mono">
                      {file.source}/{file.path}
                    </span>{' '}
                    <span className="dim">{bytesText(file.size_bytes)}</span>
                  </li>
                ))}
                {template.files.length > kFilesShown && <li className="dim">and {template.files.length - kFilesShown} more</li>}
              </ul>
            </>
          )}
        </Panel>
      </div>
    </div>
  )
}

function FactOf({ name, children }: { name: string; children: React.ReactNode }) {
  return (
    <>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </>
  )
}

function About({ template }: { template: TemplateFull }) {
  const home = linkOf(template.home)
  return (
    <dl className={classes.facts}>
      <FactOf name="Catalog">
        <Link to="/catalog" search={{ catalog: template.catalog }}>
          {template.catalog}
        </Link>
      </FactOf>
      {template.version !== '' && <FactOf name="Version">{template.version}</FactOf>}
      {template.commit !== null && (
        <FactOf name="Commit">
          <span className="mono">{template.commit.slice(0, 12)}</span>
        </FactOf>
      )}
      {template.maintainers.length > 0 && <FactOf name="Kept by">{template.maintainers.map((each) => [each.name, each.email ?? ''].filter(Boolean).join(' ')).join(', ')}</FactOf>}
      {home !== null && (
        <FactOf name="Home">
          <a href={home} target="_blank" rel="noreferrer noopener">
            {home}
          </a>
        </FactOf>
      )}
    </dl>
  )
}
