//! Cover that makes bursts look alike, and cover that looks like a burst.

mod support;

use overhear_change::defence::padme;
use overhear_traffic::event::Event;
use overhear_traffic::packet::Direction;
use support::*;

const MS: i64 = 1_000_000;

/// A packet of the device, with so many bytes of IP.
fn packet(time_ns: i64, ip_length_bytes: u32) -> Event {
    let one = home(600, 0.2).into_iter().find(|event| event.network.is_some() && is_out(event)).unwrap();
    Event { time_ns, ..one.with_length(ip_length_bytes + 14) }
}

fn ip_bytes(event: &Event) -> u32 {
    event.network.unwrap().ip_length_bytes
}

/// Bytes of each run of the device's packets of one direction with less than a gap between them, and of the cover that
/// comes before the next one.
fn sums(events: &[Event], way: Direction, gap_ns: i64) -> Vec<u32> {
    let own = events.iter().filter(|event| direction(event) == Some(way) && event.network.is_some());
    let (mut sums, mut latest_ns) = (Vec::new(), i64::MIN);
    for event in own {
        if event.number.is_some() {
            if sums.is_empty() || event.time_ns - latest_ns >= gap_ns {
                sums.push(0);
            }
            latest_ns = event.time_ns;
        }
        *sums.last_mut().unwrap() += ip_bytes(event);
    }
    sums
}

#[test]
fn a_burst_is_followed_by_what_it_lacks_once_its_gap_has_passed() {
    let at = |ms: i64, length| packet(START + ms * MS, length);
    // 1000 + 1000 + 500 = 2500, multiples of 128: 2560; below a packet of 128, so 2688
    let events =
        numbered(&[at(0, 1000), at(90, 1000), at(180, 500), at(400, 1024), at(600, 1000).reversed()]);
    let (found, cost) = defended(&["padme-bursts:gap=100"], FREE, &events);
    let cover: Vec<(i64, u32)> = found
        .iter()
        .filter(|event| event.number.is_none())
        .map(|event| ((event.time_ns - START) / MS, ip_bytes(event)))
        .collect();
    assert_eq!(cover, [(280, 188), (700, 152)]);
    assert_eq!((cost.up.cover.packets, cost.down.cover.packets, cost.delay.max_ns), (1, 1, 0));
}

#[test]
fn every_burst_of_a_home_has_bytes_of_padme() {
    let events = numbered(&home(1800, 0.3));
    let (found, _) = defended(&["padme-bursts:gap=200"], FREE, &events);
    for way in [Direction::Out, Direction::In] {
        let before = sums(&events, way, 200 * MS);
        let after = sums(&found, way, 200 * MS);
        assert!(before.iter().filter(|sum| padme(**sum) != **sum).count() > 500);
        // the last one may not be over
        let whole = &after[..after.len() - 1];
        assert!(whole.len() > 500 && whole.iter().all(|sum| padme(*sum) == *sum));
    }
}

#[test]
fn decoys_come_by_chance_and_have_the_shape_of_a_spoken_query() {
    let one = packet(START, 200);
    let (found, cost) = defended(&["decoy-audio:every=20,spread=0"], FREE, &numbered(&[one]));
    let cover: Vec<&Event> = found.iter().filter(|event| event.number.is_none()).collect();
    let queries: Vec<&[&Event]> = cover.chunk_by(|one, next| next.time_ns - one.time_ns < 500 * MS).collect();
    // an hour at one in 20 s and 2 s of length: 164 in the mean; four standard errors
    assert!((110..=215).contains(&queries.len()), "{}", queries.len());
    let whole = queries.iter().filter(|own| own.len() == 248).count();
    assert!(whole * 10 > queries.len() * 9, "{whole}: but those that follow at once and the last");
    let up = cost.up.cover.packets as f64;
    let down = cost.down.cover.packets as f64;
    assert!((up / down / (138.0 / 110.0) - 1.0).abs() < 0.02, "{up} {down}");
    // 14 bytes around each: 976 and 320 bytes in the mean, to within four standard errors
    let mean = |bytes: u64, packets: f64| bytes as f64 / packets - 14.0;
    assert!((mean(cost.up.cover.bytes, up) - 976.0).abs() < 4.0 * 606.0 / up.sqrt());
    assert!((mean(cost.down.cover.bytes, down) - 320.0).abs() < 4.0 * 531.0 / down.sqrt());
    let gaps: Vec<f64> = queries
        .iter()
        .flat_map(|own| own.windows(2).map(|pair| (pair[1].time_ns - pair[0].time_ns) as f64 / 1e6))
        .collect();
    let gap = gaps.iter().sum::<f64>() / gaps.len() as f64;
    assert!((gap - 8.0).abs() < 4.0 * 8.0 / (gaps.len() as f64).sqrt(), "{gap}");
}

#[test]
fn decoys_differ_in_number_about_their_median() {
    let one = packet(START, 200);
    let (found, _) = defended(&["decoy-audio:every=60,up=100,down=100,spread=0.5"], FREE, &numbered(&[one]));
    let cover: Vec<&Event> = found.iter().filter(|event| event.number.is_none()).collect();
    let queries = cover.chunk_by(|one, next| next.time_ns - one.time_ns < 500 * MS);
    let mut numbers: Vec<usize> = queries.map(<[&Event]>::len).collect();
    numbers.sort_unstable();
    let middle = numbers[numbers.len() / 2];
    assert!(
        (150..=270).contains(&middle) && numbers[0] < 120 && *numbers.last().unwrap() > 350,
        "{numbers:?}"
    );
}
