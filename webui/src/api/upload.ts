import { csrfHeaders } from './client'
import { apiErrorOf, unreachable } from './error'

/** Sends bytes and answers with the body of the answer; only XMLHttpRequest tells how far it is. */
export function sendBytes(method: 'PUT' | 'POST' | 'PATCH', address: string, content: Blob, onSent: (bytes: number) => void, signal?: AbortSignal): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest()
    request.open(method, address)
    request.setRequestHeader('Content-Type', 'application/octet-stream')
    for (const [name, value] of Object.entries(csrfHeaders())) request.setRequestHeader(name, value)
    request.upload.onprogress = (event) => onSent(event.loaded)
    request.onload = () => {
      let body: unknown = null
      try {
        body = JSON.parse(request.responseText)
      } catch {
        // Then its status says what there is to say.
      }
      if (request.status >= 200 && request.status < 300) resolve(body)
      else reject(apiErrorOf(request.status, body))
    }
    request.onerror = () => reject(unreachable())
    request.onabort = () => reject(new DOMException('stopped', 'AbortError'))
    signal?.addEventListener('abort', () => request.abort())
    request.send(content)
  })
}
