/**
 * Timing of the mesh, in milliseconds unless said: the default profile, each figure with its reason; and `classic`, the timing of
 * seed 1, chosen by the credentials' `timing`. All nodes of a network have the same.
 *
 *   classic                                       default       classic   why
 *   --------------------------------------------  ------------  --------  ---------------------------------------------------
 *   own advert (S1-15)                            300 to 3700   5000      at one pace; a change is still told within 80 ms
 *   election after listening (S1-21)              3000          29000     "29 s with no change"
 *   a silent neighbour is asked, then gone        4500, 6000    13000,    the seed repeats others' records every 13 s (S1-16); two
 *                                                               17000     adverts may be lost before anybody is asked
 *   ... when neither parent nor child             16000         29000     nobody asks it
 *   a path is mended (S1-29)                      3000, 3500    7000,     the seed's topology comes every 7 s
 *                                                               7000
 *   no news of the root: asked for, root doubted  10000, 45000  17000,    deep in a mesh of weak links, most adverts bring none; the
 *                                                               29000     seed doubts a root after an election's time (S1-29)
 */
export const TIMING_DEFAULT = 0;
export const TIMING_CLASSIC = 1;

export class Profile {
  /** First gap between adverts after something changed; doubles up to advertSlowMs. */
  advertFastMs = 300;
  /** Gap while nothing changes: sets the steady traffic, and with it how soon silence means anything. */
  advertSlowMs = 3700;
  /** No two adverts closer than this, whatever happens. */
  advertLeastMs = 120;
  /** Silence of a parent or child after which it is asked to speak: more than the longest slow gap with jitter. */
  probeAfterMs = 4500;
  probeEveryMs = 200;
  /** Silence after which a neighbour is no neighbour: time for seven unanswered probes, where a third of all frames may be lost. */
  leaseMs = 6000;
  /** ... when it is neither parent nor child: nobody asks it, so it may have been unlucky four times. */
  strangerLeaseMs = 16000;
  /** A node that others report gone is still shown this long, in case fresher news of it arrives. */
  suspectMs = 700;
  /** A node whose path to our root is broken may re-attach within this time before it counts as gone. */
  detachedMs = 3000;
  /** Gone nodes are remembered this long, so that old news cannot bring them back. */
  tombstoneMs = 300000;
  /** A starting node listens this long for a root before it may become one. */
  listenMs = 3000;
  /** A node without a path to its living root waits this long for a loop-free one before it gives the root up. */
  orphanMs = 3500;
  /** No news of the root through a living parent: it is asked. */
  newsMs = 10000;
  /** ... and after this, the root is gone. Backstop only. */
  rootStaleMs = 45000;
  /** Delay before a node that lost its root offers itself: the best-placed waits least, so that mostly one does. */
  candidateLeastMs = 250;
  candidateSpreadMs = 700;
  /** A parent is kept at least this long, unless it is lost. */
  parentKeepMs = 8000;
  /** How long a better-placed node must stay better before it takes the root over. */
  challengeMs = 60000;

  constructor(timing: number) {
    if (timing !== TIMING_CLASSIC) return;
    this.advertFastMs = 5000;
    this.advertSlowMs = 5000;
    this.probeAfterMs = 13000;
    this.probeEveryMs = 1300;
    this.leaseMs = 17000;
    this.strangerLeaseMs = 29000;
    this.detachedMs = 7000;
    this.listenMs = 29000;
    this.orphanMs = 7000;
    this.newsMs = 17000;
    this.rootStaleMs = 29000;
    this.parentKeepMs = 13000;
  }
}
