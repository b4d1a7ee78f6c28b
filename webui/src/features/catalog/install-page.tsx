import { Button, TextInput } from '@mantine/core'
import { useDebouncedValue } from '@mantine/hooks'
import { keepPreviousData, useQuery, useQueryClient } from '@tanstack/react-query'
import { getRouteApi, Link, useNavigate } from '@tanstack/react-router'
import { useEffect, useMemo, useRef, useState } from 'react'
import { idempotencyKey } from '@/api/client'
import { ApiError } from '@/api/error'
import { projectQuery } from '@/api/projects'
import { useMe } from '@/api/session'
import { parseText, writeText } from '@/lib/document-text'
import { marksOf, type PlacedFault } from '@/lib/faults'
import { keepForTab, readForTab } from '@/lib/kept'
import { freshName, nameFault } from '@/lib/project-document'
import { bytesText, counted } from '@/lib/quantity'
import { useAction } from '@/ui/action'
import { CodeEditor } from '@/ui/code-editor'
import { FaultList } from '@/ui/fault-list'
import { Page } from '@/ui/page'
import { ErrorPanel, Loaded } from '@/ui/panel'
import { sayDone } from '@/ui/toast'
import { installTemplate, previewQuery, templateQuery, type Preview, type TemplateFull, type Wish } from './api'
import classes from './catalog.module.css'
import { TemplateFaults } from './parts'
import { answered, changedValues, partOf, placePreview, readAnswers, wrongSteps, type Answers } from './wizard'
import { WizardField } from './wizard-fields'
import { kStepNames, kSteps, type Step } from './wizard-steps'

const route = getRouteApi('/shell/catalog/$catalog/$template/install')
const kSettleMs = 350

/** Makes a project of a template, in four steps that can be gone to in any order. */
export function InstallPage() {
  const place = route.useParams()
  const query = useQuery(templateQuery(place))
  const title = query.data?.title ?? place.template
  return (
    <Page
      title="Install"
      crumbs={[
        { text: 'Catalog', link: { to: '/catalog' } },
        { text: title, link: { to: '/catalog/$catalog/$template', params: place } },
      ]}
      filled
    >
      {query.data ? (
        <Wizard key={`${place.catalog}/${place.template}`} template={query.data} />
      ) : (
        <div style={{ padding: 16 }}>
          <Loaded query={query} what="The template could not be read">
            {() => null}
          </Loaded>
        </div>
      )}
    </Page>
  )
}

function Wizard({ template }: { template: TemplateFull }) {
  const me = useMe()
  const place = { catalog: template.catalog, template: template.name }
  const { step = 'name' } = route.useSearch()
  const here = route.useNavigate()
  const navigate = useNavigate()
  const client = useQueryClient()
  const installing = useAction()
  const key = useRef('')
  const kept = `pintle.install.${me.user}.${template.catalog}/${template.name}`
  const [answers, setAnswers] = useState<Answers>(() => readAnswers(readForTab(kept)) ?? { name: template.name, text: template.values })
  const set = (next: Partial<Answers>) => {
    key.current = ''
    installing.clear()
    setAnswers((before) => ({ ...before, ...next }))
  }
  useEffect(() => {
    keepForTab(kept, answers.name === template.name && answers.text === template.values ? null : JSON.stringify(answers))
  }, [kept, answers, template])

  const parsed = useMemo(() => parseText(answers.text), [answers.text])
  const before = useMemo(() => parseText(template.values).value, [template.values])
  const values = useMemo(() => changedValues(template.values, answers.text), [template.values, answers.text])
  const badName = nameFault(answers.name, [], 'project')
  // As a text, which stays the same while what it says does.
  const asked = values === null ? '' : JSON.stringify({ name: badName === null ? answers.name : template.name, values } satisfies Wish)
  const [settled] = useDebouncedValue(asked, kSettleMs)
  const wish = useMemo(() => (settled === '' ? null : (JSON.parse(settled) as Wish)), [settled])
  const preview = useQuery({ ...previewQuery(place, wish ?? { name: template.name, values: {} }), enabled: wish !== null && template.sound, placeholderData: keepPreviousData })
  const placed = useMemo(() => placePreview(preview.data, answers.text), [preview.data, answers.text])
  const nameWrong = badName ?? (wish?.name === answers.name ? placed.name : null)
  const wrong = wrongSteps(placed, nameWrong, values !== null)
  const isReady = wrong.length === 0 && preview.data?.valid === true && asked === settled && !preview.isPlaceholderData

  const go = (to: Step) => void here({ search: { step: to === 'name' ? undefined : to }, resetScroll: false })
  const index = kSteps.indexOf(step)
  const next = kSteps[index + 1]
  const previous = kSteps[index - 1]
  const install = async () => {
    if (!isReady || wish === null) return
    await installing.run(async () => {
      key.current ||= idempotencyKey()
      try {
        const { project, warnings } = await installTemplate(place, wish, key.current)
        keepForTab(kept, null)
        client.setQueryData(projectQuery(project.name).queryKey, project)
        await client.invalidateQueries({ queryKey: ['projects'] })
        sayDone(warnings[0] ? `${project.name} is there, with ${counted(warnings.length, 'warning')}: ${warnings[0].message}` : `${project.name} is there.`)
        await navigate({ to: '/projects/$project', params: { project: project.name } })
      } catch (error) {
        // The key stands for this request alone unless nobody knows what became of it.
        if (error instanceof ApiError && !error.isUnreachable) key.current = ''
        throw error
      }
    })
  }
  if (!template.sound) {
    return (
      <div style={{ padding: 16 }}>
        <p>This template is broken and makes no projects.</p>
        <TemplateFaults faults={template.faults} />
      </div>
    )
  }
  return (
    <form
      className={classes.wizard}
      onSubmit={(event) => {
        event.preventDefault()
        if (next) go(next)
        else void install()
      }}
    >
      <nav aria-label="Steps">
        <ol className={classes.steps}>
          {kSteps.map((each, at) => (
            <li key={each}>
              <Link to="/catalog/$catalog/$template/install" params={place} search={each === 'name' ? {} : { step: each }} className={classes.step} aria-current={each === step ? 'step' : undefined} activeOptions={{ includeSearch: true, exact: true }}>
                <span className={classes.number} aria-hidden="true">
                  {at + 1}
                </span>
                {kStepNames[each]}
                {wrong.includes(each) && (
                  <>
                    {' '}
                    <span className="tone-bad" role="img" aria-label="has faults">
                      ✕
                    </span>
                  </>
                )}
              </Link>
            </li>
          ))}
        </ol>
      </nav>
      <div className={classes.content}>
        {preview.error !== null && <ErrorPanel error={preview.error} what="What it would make could not be asked" onRetry={() => void preview.refetch()} />}
        {installing.error !== null && <ErrorPanel error={installing.error} what="It was not installed" onRetry={() => void install()} />}
        {step === 'name' && <NameStep template={template} name={answers.name} fault={nameWrong} onName={(name) => set({ name })} />}
        {step === 'config' && (
          <div className={classes.narrow}>
            {values === null && <Broken parsed={parsed.faults} />}
            {template.wizard.length === 0 && <p className="dim">This template asks for nothing.</p>}
            {values !== null &&
              template.wizard.map((entry) => (
                <WizardField
                  key={entry.key}
                  entry={entry}
                  value={(part) => partOf(entry, before, parsed.value, part)}
                  fault={(part) => placed.at[part === 'value' ? entry.key : `${entry.key}.${part}`] ?? (part === 'value' ? (placed.at[`${entry.key}.value`] ?? null) : null)}
                  onChange={(part, value) => set({ text: answered(answers.text, entry, part, value) })}
                />
              ))}
          </div>
        )}
        {step === 'values' && <ValuesStep text={answers.text} onText={(text) => set({ text })} faults={values === null ? brokenFaults(parsed.faults) : placed.values} changed={answers.text !== template.values} onReset={() => set({ text: template.values })} />}
        {step === 'install' && <InstallStep template={template} name={answers.name} text={textOf(preview.data)} faults={[...placed.project, ...placed.others]} warnings={preview.data?.warnings ?? []} wrong={wrong} />}
      </div>
      <div className={classes.actions}>
        <span className={`dim ${classes.space}`} role="status">
          {wrong.length > 0 ? `To be mended: ${wrong.map((each) => kStepNames[each]).join(', ')}` : isReady ? 'Everything is right.' : 'Asking what it would make…'}
        </span>
        {previous && <Button onClick={() => go(previous)}>Back</Button>}
        {next ? (
          <Button type="submit" variant="filled">
            Next: {kStepNames[next]}
          </Button>
        ) : (
          <Button type="submit" variant="filled" disabled={!isReady} loading={installing.busy}>
            Install
          </Button>
        )}
      </div>
    </form>
  )
}

/** The project as it will be; where it cannot be, what the template wrote, with the lines that are told of. */
function textOf(preview: Preview | undefined): string | null {
  if (!preview?.document) return preview?.text ?? null
  return writeText(Object.fromEntries(Object.entries(preview.document).filter(([field]) => field !== 'summary')))
}

function brokenFaults(faults: readonly { line: number; column: number; message: string }[]): PlacedFault[] {
  if (faults.length === 0) return [{ path: '', message: 'expected a mapping from names to values', line: 1, column: 1 }]
  return faults.map((fault) => ({ ...fault, path: '' }))
}

function Broken({ parsed }: { parsed: readonly { line: number; message: string }[] }) {
  return (
    <p className="wrap" role="alert">
      <span className="tone-bad" aria-hidden="true">
        ✕{' '}
      </span>
      The values cannot be read{parsed[0] && ` in line ${parsed[0].line}: ${parsed[0].message}`}. Mend them in the step Values to go on here.
    </p>
  )
}

function NameStep({ template, name, fault, onName }: { template: TemplateFull; name: string; fault: string | null; onName: (name: string) => void }) {
  const other = freshName(name, [name])
  return (
    <div className={classes.narrow}>
      <p style={{ margin: 0 }}>
        {template.title} becomes a project of yours, with its tasks and sources{template.has_form && ', a form'}
        {template.files.length > 0 && ` and ${counted(template.files.length, 'file')} (${bytesText(template.files_bytes)})`}.
      </p>
      <TextInput label="Name of the project" description="1 to 63 lower-case letters, digits and dashes" value={name} onChange={(event) => onName(event.currentTarget.value)} error={fault} autoFocus autoComplete="off" spellCheck={false} />
      {fault !== null && nameFault(name, [], 'project') === null && (
        <div>
          <Button onClick={() => onName(other)}>Call it {other}</Button>
        </div>
      )}
    </div>
  )
}

function ValuesStep({ text, onText, faults, changed, onReset }: { text: string; onText: (text: string) => void; faults: PlacedFault[]; changed: boolean; onReset: () => void }) {
  const [reveal, setReveal] = useState<{ line: number } | null>(null)
  const marks = useMemo(() => marksOf(faults), [faults])
  const reset = () => {
    const before = text
    onReset()
    sayDone('The values are the template’s again.', () => onText(before))
  }
  return (
    <>
      <div className={classes.bar} style={{ marginBottom: 0 }}>
        <span className="dim wrap">All values of the template, also those that it does not ask for. What is chosen in the step before stands here too.</span>
        {changed && <Button onClick={reset}>Reset</Button>}
      </div>
      <div className={classes.code}>
        <CodeEditor label="Values in YAML" language="yaml" value={text} onChange={onText} faults={marks} reveal={reveal} />
      </div>
      <FaultList faults={faults} onPlace={(fault) => fault.line !== null && setReveal({ line: fault.line })} />
    </>
  )
}

interface InstallStepProps {
  template: TemplateFull
  name: string
  text: string | null
  faults: PlacedFault[]
  warnings: PlacedFault[]
  wrong: readonly Step[]
}

function InstallStep({ template, name, text, faults, warnings, wrong }: InstallStepProps) {
  const marks = useMemo(() => marksOf(faults.filter((fault) => fault.line !== null)), [faults])
  return (
    <>
      <div className="wrap">
        The project <b>{name}</b>, from {template.catalog}/{template.name}
        {template.version !== '' && ` ${template.version}`}
        {template.files.length > 0 && `, with ${counted(template.files.length, 'file')} in its sources`}
        {template.readme.trim() !== '' && ' and the template’s README as its summary'}.
      </div>
      {text === null ? (
        <p className="dim">{wrong.length > 0 ? 'Its document is shown here once everything is right.' : 'Its document is being made…'}</p>
      ) : (
        <div className={classes.code}>
          <CodeEditor label="Project document in YAML" language="yaml" value={text} faults={marks} readOnly />
        </div>
      )}
      <FaultList faults={faults} warnings={warnings} />
    </>
  )
}
