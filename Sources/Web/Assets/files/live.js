// What a live recording adds, brought to the stretch that reaches its end: without a hole, and nothing twice, over any
// number of broken connections.

import { follow } from "./api.js";
import { address } from "./router.js";

export class Live {
  /**
   * @param {Ranges} ranges Of the recording.
   * @param {object} told `came(stretch)` when a stretch has grown; `connected(boolean)`; `ended(recording)`;
   *   `refused(refusal)` when whoever watches may no more.
   */
  constructor(ranges, told) {
    Object.assign(this, { ranges, told });
    this.stretch = null;
    this.isConnected = false;
    this.stop = null;
  }

  /** Brings what comes from now on to `stretch`, which reaches the end. */
  attach(stretch) {
    if (this.stretch === stretch) return;
    this.close();
    this.stretch = stretch;
    stretch.isStreamed = true;
    const path = this.ranges.path.replace(/events$/, "live");
    this.stop = follow(() => address(path, stretch.position ? { after: stretch.position } : { from: stretch.end }), {
      events: (events, position) => {
        this.ranges.push(stretch, events, position);
        this.told.came(stretch);
      },
      end: (end) => this.end(end),
    }, (isConnected) => {
      this.isConnected = isConnected;
      this.told.connected(isConnected);
    }, { path: this.ranges.path.replace(/\/events$/, ""), refused: (refusal) => this.told.refused(refusal) });
  }

  end(end) {
    const { stretch } = this;
    this.close();
    this.ranges.isLive = false;
    this.ranges.durationMs = Math.max(stretch.end, stretch.events.at(-1)?.[0] ?? 0);
    this.told.ended(end);
  }

  close() {
    this.stop?.();
    this.stop = null;
    this.isConnected = false;
    if (this.stretch) this.stretch.isStreamed = false;
    this.stretch = null;
  }
}
