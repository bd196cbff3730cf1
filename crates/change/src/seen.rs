//! What a change has seen of the device so far: its far ends, and the lengths of its packets.

use crate::random::Random;
use overhear_traffic::event::Event;
use overhear_traffic::observer::crossing;
use overhear_traffic::packet::Direction;
use std::net::IpAddr;

/// More far ends than a speaker talks to in a round; of others the least busy is forgotten.
const MOST_FAR_ENDS: usize = 64;
/// So many lengths of each direction are kept, drawn from all of them.
const KEPT_LENGTHS: usize = 256;

/// What was seen of the device's packets that crossed the gateway.
#[derive(Default)]
pub(crate) struct Seen {
    far_ends: Vec<FarEnd>,
    busiest: usize,
    lengths: [Lengths; 2],
}

struct FarEnd {
    address: IpAddr,
    packets: u64,
    /// The latest packet to it and from it.
    latest: [Option<Event>; 2],
}

/// Some of the lengths of one direction, each as likely as any other.
#[derive(Default)]
struct Lengths {
    seen: u64,
    kept: Vec<u32>,
    /// Sum of the kept ones, those below a bound counted as the bound.
    sum: u64,
    bound: u32,
}

fn place(way: Direction) -> usize {
    match way {
        Direction::Out => 0,
        Direction::In => 1,
    }
}

/// The far end's address of a packet that crosses the gateway from or to a device that is known, and its direction.
pub(crate) fn far_end(event: &Event, direction: Option<Direction>) -> Option<(IpAddr, Direction)> {
    let way = crossing(event, Some(direction?))?;
    let network = event.network?;
    Some((if way == Direction::Out { network.target } else { network.source }, way))
}

impl Seen {
    /// Takes the device's next event.
    pub fn add(&mut self, event: &Event, direction: Option<Direction>, random: &mut Random) {
        let Some((address, way)) = far_end(event, direction) else { return };
        self.lengths[place(way)].add(event.length_bytes, random);
        let known = match self.far_ends.get(self.busiest) {
            Some(busiest) if busiest.address == address => Some(self.busiest),
            _ => self.far_ends.iter().position(|own| own.address == address),
        };
        let at = known.unwrap_or_else(|| self.make_room(address));
        let own = &mut self.far_ends[at];
        own.packets += 1;
        own.latest[place(way)] = Some(*event);
        if own.packets > self.far_ends[self.busiest].packets {
            self.busiest = at;
        }
    }

    /// A place for another far end; where there is no more, that of the least busy one.
    fn make_room(&mut self, address: IpAddr) -> usize {
        let new = FarEnd { address, packets: 0, latest: [None; 2] };
        if self.far_ends.len() < MOST_FAR_ENDS {
            self.far_ends.push(new);
            return self.far_ends.len() - 1;
        }
        let others = (0..MOST_FAR_ENDS).filter(|&at| at != self.busiest);
        let least = others.min_by_key(|&at| self.far_ends[at].packets).unwrap_or(0);
        self.far_ends[least] = new;
        least
    }

    /// Whether nothing was seen yet.
    pub fn is_empty(&self) -> bool {
        self.far_ends.is_empty()
    }

    /// Whether an address is one of the far ends.
    pub fn knows(&self, address: IpAddr) -> bool {
        self.far_ends.iter().any(|own| own.address == address)
    }

    /// The far end that most packets went to or came from.
    pub fn busiest(&self) -> Option<IpAddr> {
        self.far_ends.get(self.busiest).map(|own| own.address)
    }

    /// The latest packet to or from the busiest far end; where there was none in that direction, the latest in the
    /// other, reversed.
    pub fn template(&self, way: Direction) -> Option<Event> {
        let latest = &self.far_ends.get(self.busiest)?.latest;
        latest[place(way)].or_else(|| latest[1 - place(way)].map(|event| event.reversed()))
    }

    /// One of the lengths of that direction, bytes; `None` before the first.
    pub fn draw_length(&self, way: Direction, random: &mut Random) -> Option<u32> {
        let kept = &self.lengths[place(way)].kept;
        kept.get(random.below(kept.len() as u64) as usize).copied()
    }

    /// Mean of the lengths that [`Seen::draw_length`] draws from, bytes, those below `bound` counted as `bound`; `None`
    /// before the first.
    pub fn mean_length(&mut self, way: Direction, bound: u32) -> Option<f64> {
        self.lengths[place(way)].mean(bound)
    }
}

impl Lengths {
    /// Reservoir sampling. Source: Vitter, Random sampling with a reservoir, ACM TOMS 1985, algorithm R.
    fn add(&mut self, length_bytes: u32, random: &mut Random) {
        self.seen += 1;
        let counted = |length: u32| u64::from(length.max(self.bound));
        if self.kept.len() < KEPT_LENGTHS {
            self.sum += counted(length_bytes);
            self.kept.push(length_bytes);
            return;
        }
        let at = random.below(self.seen) as usize;
        if at < KEPT_LENGTHS {
            self.sum = self.sum - counted(self.kept[at]) + counted(length_bytes);
            self.kept[at] = length_bytes;
        }
    }

    fn mean(&mut self, bound: u32) -> Option<f64> {
        if bound != self.bound {
            self.bound = bound;
            self.sum = self.kept.iter().map(|length| u64::from((*length).max(bound))).sum();
        }
        (!self.kept.is_empty()).then(|| self.sum as f64 / self.kept.len() as f64)
    }
}
