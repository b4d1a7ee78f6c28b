import type { Axis } from './plots'

export interface Place {
  axis: Axis
  x: number
}

/**
 * Where the pointer is, for all charts of a page. It moves more often than a screen is drawn, and charts follow once for
 * each picture without the page being rendered again.
 */
export class Pointer {
  private place: Place | null = null
  private readonly listeners = new Set<(place: Place | null) => void>()
  private frame = 0

  get at(): Place | null {
    return this.place
  }

  move(place: Place | null) {
    this.place = place
    if (this.frame !== 0) return
    this.frame = requestAnimationFrame(() => {
      this.frame = 0
      for (const listener of this.listeners) listener(this.place)
    })
  }

  listen(listener: (place: Place | null) => void): () => void {
    this.listeners.add(listener)
    return () => this.listeners.delete(listener)
  }
}
