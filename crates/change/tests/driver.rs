//! What the driver does with machines that keep none of their promises, and tells those that do.

mod support;

use overhear_change::defence::{Actions, Amount, Defence, Defended, Packet};
use overhear_traffic::change::Changes;
use overhear_traffic::event::Event;
use overhear_traffic::packet::Direction;
use std::sync::{Arc, Mutex};
use support::*;

/// A defence that does with each packet what it is told to.
struct Each<F>(F);

impl<F: FnMut(i64, Packet, &mut Actions) + Send> Defence for Each<F> {
    fn take(&mut self, now_ns: i64, packet: Packet, out: &mut Actions) {
        (self.0)(now_ns, packet, out);
    }
}

fn packets(events: &[Event]) -> Vec<Event> {
    events.iter().filter(|event| event.network.is_some()).copied().collect()
}

fn run(stack: Vec<Box<dyn Defence>>, events: &[Event]) -> (Vec<Event>, Defended) {
    let mut change = Defended::of(stack, FREE);
    let found = played(&mut change, events, hour());
    (found, change)
}

#[test]
fn a_packet_never_leaves_shorter_than_it_came_nor_under_another_number_or_time() {
    let events = numbered(&packets(&home(600, 0.2)));
    let shorten = Each(|_, mut packet: Packet, out: &mut Actions| {
        packet.event = Event { length_bytes: 1, number: Some(7), time_ns: 0, ..packet.event };
        out.send(packet);
    });
    assert_eq!(run(vec![Box::new(shorten)], &events).0, events);
}

#[test]
fn what_a_defence_forgets_is_counted_as_dropped() {
    let events = numbered(&packets(&home(600, 0.2)));
    let forget = Each(|_, packet: Packet, out: &mut Actions| {
        if packet.direction() == Direction::In {
            out.send(packet);
        }
    });
    let (found, change) = run(vec![Box::new(forget)], &events);
    let cost = change.cost();
    assert_eq!((cost.up.dropped, cost.up.after), (cost.up.before, Amount::default()));
    assert_eq!((cost.down.dropped, cost.down.after), (Amount::default(), cost.down.before));
    assert_eq!(found.len() as u64, cost.down.before.packets);
}

#[test]
fn packets_that_a_defence_makes_up_do_no_harm() {
    let events = numbered(&packets(&home(60, 0.2)));
    let twice = Each(|_, packet: Packet, out: &mut Actions| {
        out.send(Packet::new(packet.event, packet.direction()));
        out.send(packet);
    });
    assert_eq!(run(vec![Box::new(twice)], &events).0.len(), 2 * events.len());
}

#[test]
fn a_packet_comes_to_each_defence_at_the_time_at_which_the_one_before_let_it_go() {
    let events = numbered(&packets(&home(600, 0.2)));
    let seen = Arc::new(Mutex::new(Vec::new()));
    let watching = Arc::clone(&seen);
    let watch = Each(move |now_ns, packet: Packet, out: &mut Actions| {
        watching.lock().unwrap().push((now_ns, packet.event.time_ns, packet.number()));
        out.send(packet);
    });
    let (found, _) = run(vec![defence("batch:ms=250").build(1, 0), Box::new(watch)], &events);
    let seen = seen.lock().unwrap();
    let expected: Vec<_> = found.iter().map(|event| (event.time_ns, event.time_ns, event.number)).collect();
    assert_eq!(*seen, expected);
    assert!(seen.iter().all(|(now_ns, ..)| (now_ns - START) % (S / 4) == 0));
}

#[test]
fn plants_and_defences_share_the_one_seam() {
    let events = numbered(&packets(&home(600, 0.2)));
    let defended = Defended::new(&[defence("pad-to-mtu")], FREE, 1, 0);
    let ledger = defended.ledger();
    let planted = played(&mut *plant("upload:5").build(1, 0), &events, hour());
    let mut both = Changes::new(device(), vec![plant("upload:5").build(1, 0), Box::new(defended)]);
    let found = played(&mut both, &events, hour());
    assert!(planted.len() > events.len() && found.len() == planted.len());
    assert!(found.iter().all(|event| event.length_bytes == 1514));
    let cost = ledger.cost();
    assert_eq!(cost.up.before.packets + cost.down.before.packets, planted.len() as u64);
    assert_eq!(cost.up.cover, Amount::default(), "what was planted is traffic to the defence");
}

#[test]
fn a_defence_that_wants_to_be_woken_again_and_again_is_let_go() {
    struct Sleepless;
    impl Defence for Sleepless {
        fn take(&mut self, _: i64, packet: Packet, out: &mut Actions) {
            out.send(packet);
        }
        fn wake_ns(&self) -> Option<i64> {
            Some(i64::MIN)
        }
    }
    let events = numbered(&packets(&home(60, 0.2)));
    let mut change = Defended::of(vec![Box::new(Sleepless)], FREE).with_most_steps(1000);
    assert_eq!(played(&mut change, &events, hour()), events);
    assert_eq!(change.cost().undefended_packets, events.len() as u64);
}
