import { Button, Checkbox, Text } from '@mantine/core'
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { useState, type ReactNode } from 'react'
import { componentsQuery, type Component } from '@/api/components'
import { counted } from '@/lib/quantity'
import { useAction } from '@/ui/action'
import { EmptyState } from '@/ui/empty-state'
import { FormModal } from '@/ui/form-modal'
import { ErrorPanel, Loaded, Panel } from '@/ui/panel'
import { StateBadge } from '@/ui/state-badge'
import { ClockTime, Elapsed, TimeAgo } from '@/ui/time'
import { sayDone } from '@/ui/toast'
import { disableComponent, enableComponent, restartComponent } from './api'
import classes from './component-page.module.css'
import { doingsOf, gpusOfBox, purposeOf, reasonText, termsOf } from './component-words'

interface Props {
  project: string
  name: string
  /** The last lines of a job's logs. */
  tail: (job: string, live: boolean) => ReactNode
}

/** A tool that runs beside a project's tasks: its state, why it waits, and the way to it. */
export function ComponentPage({ project, name, tail }: Props) {
  const query = useQuery(componentsQuery(project))
  return (
    <div className={classes.page}>
      <Loaded query={query} what="The component could not be read">
        {(components) => {
          const component = components.find((each) => each.name === name)
          if (component) return <Shown key={component.name} project={project} component={component} tail={tail} />
          return (
            <Text className="wrap" c="dimmed">
              {project} has no component named {name}. <Link to="/projects/$project/status" params={{ project }}>What runs of it</Link>
            </Text>
          )
        }}
      </Loaded>
    </div>
  )
}

function Shown({ project, component, tail }: { project: string; component: Component; tail: Props['tail'] }) {
  const client = useQueryClient()
  const action = useAction()
  const [box, setBox] = useState<boolean | null>(null)
  const [asking, setAsking] = useState<'restart' | 'disable' | null>(null)
  const doings = doingsOf(component)
  const checked = box ?? component.gpus > 0
  const gpus = gpusOfBox(component, checked)
  const keep = (next: Component) => {
    setBox(null)
    client.setQueryData(componentsQuery(project).queryKey, (all) => all?.map((each) => (each.name === next.name ? next : each)))
    void client.invalidateQueries({ queryKey: ['projects'] })
  }
  const enable = () => void action.run(async () => keep(await enableComponent(project, component, box === null ? undefined : gpus)))
  const never = component.state === 'Disabled' && component.jobs.length === 0
  const enableButton = (
    <Button variant="filled" onClick={enable} loading={action.busy}>
      {component.wanted === 'paused' ? 'Resume' : 'Enable'} {component.display_name}
    </Button>
  )
  const gpuBox = component.may_control && (
    <Checkbox label={component.gpus > 1 ? `With ${counted(component.gpus, 'GPU')}` : 'With a GPU'} checked={checked} onChange={(event) => setBox(event.currentTarget.checked === component.gpus > 0 ? null : event.currentTarget.checked)} />
  )
  if (never) {
    return (
      <EmptyState
        title={`${component.display_name} is not running`}
        command={`pintle component enable ${project}/${component.name}`}
        action={
          component.may_control && (
            <>
              {gpuBox}
              {enableButton}
              {action.error !== null && <ErrorPanel error={action.error} what="It was not enabled" />}
            </>
          )
        }
      >
        {purposeOf(component)}
      </EmptyState>
    )
  }
  return (
    <>
      <div className={classes.bar}>
        <StateBadge state={component.state} title={component.reason} />
        {component.running_since !== null && component.state === 'Running' && (
          <span className="dim">
            for <Elapsed from={component.running_since} to={null} />
          </span>
        )}
        <span className={classes.space} />
        {gpuBox}
        {box !== null && component.wanted === 'enabled' && (
          <Button onClick={enable} loading={action.busy}>
            Start again with {counted(gpus, 'GPU')}
          </Button>
        )}
        {doings.includes('enable') && enableButton}
        {doings.includes('restart') && <Button onClick={() => setAsking('restart')}>Restart…</Button>}
        {doings.includes('disable') && <Button onClick={() => setAsking('disable')}>Disable…</Button>}
        {component.url !== null && component.state === 'Running' && (
          <Button component="a" href={component.url} target="_blank" rel="noopener noreferrer" variant="filled">
            Open in a new tab
          </Button>
        )}
      </div>
      {action.error !== null && <ErrorPanel error={action.error} what="It was not changed" />}
      <Why component={component} />
      <Panel title="About">
        <Text className="wrap">{purposeOf(component)}</Text>
        <Text c="dimmed" className="wrap" mt={4}>
          {termsOf(component).join(' · ')}
          {component.last_activity !== null && (
            <>
              {' · '}last used <TimeAgo at={component.last_activity} />
            </>
          )}
          {component.busy && ' · busy'}
        </Text>
        <Text className="mono wrap" c="dimmed" mt={4} lineClamp={3}>
          {component.command}
        </Text>
      </Panel>
      {component.jobs[0] !== undefined && (
        <Panel
          title={component.job === null ? 'What it last wrote' : 'Last lines'}
          flush
          actions={
            <Link to="/jobs/$job/logs" params={{ job: component.jobs[0] }}>
              All logs
            </Link>
          }
        >
          {tail(component.jobs[0], component.job !== null)}
        </Panel>
      )}
      {asking === 'restart' && (
        <FormModal opened title={`Restart ${component.display_name}?`} button="Restart" onClose={() => setAsking(null)} onSubmit={async () => keep(await restartComponent(project, component))}>
          <Text>What runs in it is ended, such as the kernels of notebooks. Its files stay, and it starts with what the project says now.</Text>
        </FormModal>
      )}
      {asking === 'disable' && (
        <FormModal
          opened
          title={`Disable ${component.display_name}?`}
          button="Disable"
          onClose={() => setAsking(null)}
          onSubmit={async () => {
            keep(await disableComponent(project, component))
            sayDone(`${component.display_name} is disabled.`, async () => keep(await enableComponent(project, component)))
          }}
        >
          <Text>What runs in it is ended, and its resources are free for others. Its files stay.</Text>
        </FormModal>
      )}
    </>
  )
}

function Why({ component }: { component: Component }) {
  const reason = reasonText(component)
  const isBad = component.state === 'CrashLoopBackOff'
  return (
    <>
      {reason !== null && (
        <div className={isBad ? classes.bad : classes.why} data-testid="reason">
          {reason}
          {component.forecast !== null && (
            <>
              {' '}
              It starts about <ClockTime at={component.forecast.median} />.
            </>
          )}
        </div>
      )}
      {component.outdated && (
        <div className={classes.why} role="note">
          The project has changed since it started. Restart it to follow.
        </div>
      )}
      {component.state === 'Running' && component.url === null && (
        <div className={classes.why} role="note">
          {component.may_open ? (component.port === null ? 'It has no port, so there is no page to open.' : 'This server does not lead browsers to components.') : 'Only its owner may open it.'}
        </div>
      )}
    </>
  )
}
