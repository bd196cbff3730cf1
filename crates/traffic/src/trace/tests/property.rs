//! Random frames: one read for all observers against one for each.

use super::*;
use crate::capture::LinkType;
use crate::change::Changes;
use proptest::prelude::*;

/// What one observer is shown, bit for bit, steps included.
#[derive(Debug, Clone, PartialEq)]
enum Shown {
    Packet(Packet),
    Step,
}

fn shown(frames: &[Frame<'_>], view: &View<'_>) -> (Vec<Vec<Shown>>, Summary) {
    shown_changed(frames, view, None)
}

/// The same with a change between, or none.
fn shown_changed(
    frames: &[Frame<'_>],
    view: &View<'_>,
    change: Option<&mut dyn Change>,
) -> (Vec<Vec<Shown>>, Summary) {
    let mut all: Vec<Vec<Shown>> = view.observers.iter().map(|_| Vec::new()).collect();
    let each = |seen: Seen<'_>| match seen {
        Seen::Packet { observer, packet } => all[observer].push(Shown::Packet(*packet)),
        Seen::Step => all.iter_mut().for_each(|shown| shown.push(Shown::Step)),
    };
    let summary = match change {
        None => read_all(&mut &*frames, view, each),
        Some(change) => read_changed(&mut &*frames, view, change, each),
    };
    (all, summary.unwrap())
}

/// A frame that is the device's or not: plain, with another protocol, without a packet, or of another link type.
fn bytes() -> impl Strategy<Value = (LinkType, Vec<u8>)> {
    let ends =
        prop_oneof![Just((DEVICE, ROUTER)), Just((ROUTER, DEVICE)), Just((ROUTER, Mac([2, 0, 0, 0, 0, 9]))),];
    let far = prop_oneof![Just([192, 0, 2, 9]), Just([10, 0, 0, 7]), any::<[u8; 4]>()];
    let protocol = prop_oneof![Just(6_u8), Just(17), Just(1)];
    let plain = (ends.clone(), far, protocol, any::<u8>(), any::<[u8; 20]>()).prop_map(
        |((source, target), far, protocol, ttl, transport)| {
            let near = [10, 0, 0, 1];
            let (from, to) = if target == DEVICE { (far, near) } else { (near, far) };
            let ip = [0x45, 0, 0, 40, 0, 0, 0, 0, ttl, protocol, 0, 0];
            let frame = [&target.0[..], &source.0, &[8, 0], &ip, &from, &to, &transport].concat();
            (LinkType::ETHERNET, frame)
        },
    );
    prop_oneof![
        8 => plain,
        1 => ends.prop_map(|(source, _)| (LinkType::ETHERNET, arp(source))),
        1 => prop::collection::vec(any::<u8>(), 0..60).prop_map(|bytes| (LinkType::LINUX_SLL2, bytes)),
        1 => prop::collection::vec(any::<u8>(), 0..60).prop_map(|bytes| (LinkType::IEEE802_11, bytes)),
    ]
}

/// Mostly moments, silences, now and then outliers and steps. Unit: ns.
fn times() -> impl Strategy<Value = (i64, i64)> {
    let step = prop_oneof![
        6 => 0..900_000_000_i64,
        2 => 0..60_000_000_000_i64,
        1 => -900_000_000..0_i64,
        1 => -60_000_000_000..0_i64,
    ];
    (step, prop_oneof![9 => Just(0), 1 => -90_000_000_000..90_000_000_000_i64])
}

fn span() -> impl Strategy<Value = Span> {
    let bound = || prop::option::of(-10 * S..100 * S);
    let span = (bound(), prop_oneof![Just(0), 0..20_000_000_000_u64], bound());
    prop_oneof![
        Just(Span::default()),
        span.prop_map(|(start_ns, drop_ns, end_ns)| Span { start_ns, drop_ns, end_ns }),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn one_read_shows_each_observer_what_its_own_would(
        recipes in prop::collection::vec((times(), bytes()), 0..60),
        span in span(),
        dedup in any::<bool>(),
        device in prop_oneof![
            Just(Device::Any),
            Just(Device::Mac(DEVICE)),
            Just(Device::Ip([10, 0, 0, 1].into())),
        ],
    ) {
        let mut now_ns = 0;
        let frames: Vec<Frame<'_>> = recipes.iter().map(|((step_ns, off_ns), (link, bytes))| {
            now_ns += step_ns;
            Frame { time_ns: now_ns + off_ns, length_bytes: bytes.len() as u32, link: *link, bytes }
        }).collect();
        let (all, summary) = shown(&frames, &View { device, observers: &Observer::ALL, span, dedup });
        let mut nothing = Changes::new(device, Vec::new());
        let all_observers = View { device, observers: &Observer::ALL, span, dedup };
        let unchanged = shown_changed(&frames, &all_observers, Some(&mut nothing));
        prop_assert_eq!(&unchanged, &(all.clone(), summary.clone()), "a change that changes nothing");
        let Events { count, before, settling, after, .. } = summary.events;
        prop_assert!(before + settling + after <= count);
        for (place, observer) in Observer::ALL.into_iter().enumerate() {
            let (own, own_summary) = shown(&frames, &View { device, observers: &[observer], span, dedup });
            prop_assert_eq!(&own[0], &all[place], "{}", observer);
            let expected = Summary { seen: vec![summary.seen[place]], ..summary.clone() };
            prop_assert_eq!(own_summary, expected);
            let times = |shown: &[Shown]| -> Vec<i64> {
                let time = |shown: &Shown| match shown {
                    Shown::Packet(packet) => Some(packet.time_ns),
                    Shown::Step => None,
                };
                shown.iter().filter_map(time).collect()
            };
            prop_assert!(own[0].split(|shown| *shown == Shown::Step).all(|part| times(part).is_sorted()));
        }
    }
}
