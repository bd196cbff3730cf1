//! Times in tenths of a second, as they come and as they go on.

use super::*;
use crate::wire::Link;
use proptest::prelude::*;

const TENTH_NS: i64 = 100_000_000;

/// The `place`-th event.
fn event(place: usize, time_ns: i64) -> Event {
    Event { time_ns, length_bytes: place as u32, link: Link::default(), network: None, number: None }
}

/// The stretches of times that go on, and what was counted; the order of events never changes.
fn put_right(times_ns: impl IntoIterator<Item = i64>) -> (Vec<Vec<i64>>, ClockCounts) {
    let (mut clock, mut stretches, mut n_told) = (Clock::new(), vec![Vec::new()], 0);
    let mut go_on = |dated: Dated<'_>| match dated {
        Dated::Step { .. } => stretches.push(Vec::new()),
        Dated::Event(event) => {
            assert_eq!(event.length_bytes, n_told);
            n_told += 1;
            stretches.last_mut().unwrap().push(event.time_ns);
        }
    };
    let mut n_taken = 0;
    for (place, time_ns) in times_ns.into_iter().enumerate() {
        let event = event(place, time_ns);
        n_taken += 1;
        // as a trace does
        let held = clock.runs_on_after(time_ns);
        let runs_on = held.is_some() || clock.runs_on(time_ns);
        held.iter().for_each(|held| go_on(Dated::Event(held)));
        if runs_on {
            go_on(Dated::Event(&event));
        } else {
            clock.take(&event, &mut go_on);
        }
    }
    clock.finish(&mut go_on);
    assert_eq!(n_told, n_taken);
    (stretches, clock.counts())
}

/// The same in tenths of a second; counted are regressions, outliers, steps, and the largest step in tenths.
fn tenths(times: &[i64]) -> (Vec<Vec<i64>>, [u64; 4]) {
    let (stretches, counts) = put_right(times.iter().map(|time| time * TENTH_NS));
    let stretches = stretches.iter().map(|times| times.iter().map(|ns| ns / TENTH_NS).collect()).collect();
    let step = counts.largest_step_ns / TENTH_NS as u64;
    (stretches, [counts.regressions, counts.outliers, counts.steps, step])
}

/// One stretch, and regressions and outliers.
fn one_stretch(times: &[i64]) -> (Vec<i64>, [u64; 2]) {
    let (stretches, [regressions, outliers, steps, _]) = tenths(times);
    assert_eq!((stretches.len(), steps), (1, 0));
    (stretches.concat(), [regressions, outliers])
}

#[test]
fn times_that_rise_stay() {
    for times in [&[][..], &[5], &[5, 5, 6, 16, 17], &[-30, 0, 30, 600, 6000, 6001]] {
        assert_eq!(one_stretch(times), (times.to_vec(), [0, 0]));
    }
}

#[test]
fn a_time_up_to_a_second_early_is_raised() {
    assert_eq!(one_stretch(&[50, 49, 40, 51]), (vec![50, 50, 50, 51], [2, 0]));
    // right after a silence too
    assert_eq!(one_stretch(&[50, 100, 95, 101]), (vec![50, 100, 100, 101], [1, 0]));
}

#[test]
fn a_single_time_of_the_future_takes_the_one_before() {
    assert_eq!(one_stretch(&[50, 9999, 51, 52]), (vec![50, 50, 51, 52], [0, 1]));
    // the next may itself be a little early, or come after a silence
    assert_eq!(one_stretch(&[50, 9999, 45, 52]), (vec![50, 50, 50, 52], [1, 1]));
    assert_eq!(one_stretch(&[50, 9999, 300, 301]), (vec![50, 50, 300, 301], [0, 1]));
}

#[test]
fn a_single_time_of_the_past_takes_the_one_before() {
    assert_eq!(one_stretch(&[49, 50, 3, 51, 52]), (vec![49, 50, 50, 51, 52], [0, 1]));
    assert_eq!(one_stretch(&[49, 50, 3, 45, 52]), (vec![49, 50, 50, 50, 52], [1, 1]));
    // the next may come after a silence
    assert_eq!(one_stretch(&[49, 50, 3, 300, 301]), (vec![49, 50, 50, 300, 301], [0, 1]));
}

#[test]
fn outliers_may_follow_each_other_with_one_between() {
    assert_eq!(one_stretch(&[50, 9999, 51, 9999, 52, 3, 53]), (vec![50, 50, 51, 51, 52, 52, 53], [0, 3]));
}

#[test]
fn a_first_time_of_the_future_takes_the_next() {
    assert_eq!(one_stretch(&[9999, 50, 51]), (vec![50, 50, 51], [0, 1]));
    // even where a wrong stamp follows: two events cannot tell which of them is right
    assert_eq!(one_stretch(&[50, 3, 51, 52]), (vec![3, 3, 51, 52], [0, 1]));
    // one of the past cannot be distinguished from silence; a little early is raised
    assert_eq!(one_stretch(&[3, 50, 51]), (vec![3, 50, 51], [0, 0]));
    assert_eq!(one_stretch(&[50, 45, 51]), (vec![50, 50, 51], [1, 0]));
}

#[test]
fn a_last_time_of_the_past_takes_the_one_before_and_one_of_the_future_stays() {
    assert_eq!(one_stretch(&[50, 51, 3]), (vec![50, 51, 51], [0, 1]));
    assert_eq!(one_stretch(&[50, 51, 9999]), (vec![50, 51, 9999], [0, 0]));
}

#[test]
fn a_lasting_step_back_begins_a_stretch() {
    let (stretches, counts) = tenths(&[500, 501, 100, 101, 102]);
    assert_eq!((stretches, counts), (vec![vec![500, 501], vec![100, 101, 102]], [0, 0, 1, 401]));
    // a second and a little is enough; the next is behind too, if only by a little more than a second
    let (stretches, counts) = tenths(&[499, 500, 489, 489]);
    assert_eq!((stretches, counts), (vec![vec![499, 500], vec![489, 489]], [0, 0, 1, 11]));
}

#[test]
fn the_largest_of_several_steps_is_told() {
    let (stretches, counts) = tenths(&[499, 500, 400, 401, 100, 101, 50, 51]);
    assert_eq!(stretches, [vec![499, 500], vec![400, 401], vec![100, 101], vec![50, 51]]);
    assert_eq!(counts, [0, 0, 3, 301]);
}

#[test]
fn a_lasting_step_forward_is_silence() {
    assert_eq!(one_stretch(&[50, 51, 9999, 10_000]), (vec![50, 51, 9999, 10_000], [0, 0]));
    // and back again a step
    let (stretches, counts) = tenths(&[50, 9999, 10_000, 51, 52]);
    assert_eq!((stretches, counts), (vec![vec![50, 9999, 10_000], vec![51, 52]], [0, 0, 1, 9949]));
}

#[test]
fn one_ahead_before_a_step_back_stays() {
    // the next is behind the one before too: nothing says that the clock was wrong
    let (stretches, counts) = tenths(&[500, 900, 100, 101]);
    assert_eq!((stretches, counts), (vec![vec![500, 900], vec![100, 101]], [0, 0, 1, 800]));
}

#[test]
fn a_clock_that_creeps_back_is_raised_until_it_has_stepped() {
    let (stretches, counts) = tenths(&[100, 95, 90, 85, 80, 81]);
    assert_eq!((stretches, counts), (vec![vec![100, 100, 100], vec![85, 85, 85]], [4, 0, 1, 15]));
}

#[test]
fn exactly_a_second_is_no_jump() {
    assert_eq!(one_stretch(&[50, 60, 50, 60, 70]), (vec![50, 60, 60, 60, 70], [1, 0]));
}

#[test]
fn times_as_far_apart_as_can_be_do_not_overflow() {
    let (far, near) = (1 << 62, -(1 << 62));
    let (stretches, counts) = put_right([near, far, near, near, far, far]);
    assert_eq!(stretches, [vec![near, near, near, near, far, far]]);
    assert_eq!((counts.outliers, counts.steps), (1, 0));
    let (stretches, counts) = put_right([far, far, near, near]);
    assert_eq!(stretches, [vec![far, far], vec![near, near]]);
    assert_eq!(counts.largest_step_ns, 1 << 63);
    // beyond what captures tell: no panic, nothing lost
    put_right([i64::MAX, i64::MIN, i64::MIN, i64::MAX, 0, i64::MIN]);
}

proptest! {
    #[test]
    fn times_rise_within_a_stretch_and_steps_are_counted(
        jumps in prop::collection::vec(prop_oneof![4 => -12..20_i64, 1 => -500..500_i64], 0..60)
    ) {
        let mut now = 0;
        let times: Vec<i64> = jumps.iter().map(|jump| { now += jump; now }).collect();
        let (stretches, [regressions, outliers, steps, largest]) = tenths(&times);
        prop_assert!(stretches.iter().all(|times| times.is_sorted()));
        prop_assert_eq!(stretches.len() as u64, steps + 1);
        // a step is one of more than a second
        prop_assert!(stretches.windows(2).all(|pair| pair[1].first() < pair[0].last().map(|t| t - 10).as_ref()));
        prop_assert_eq!(largest > 0, steps > 0);
        // whatever was moved was counted
        let dated: Vec<i64> = stretches.concat();
        let moved = dated.iter().zip(&times).filter(|(a, b)| a != b).count() as u64;
        prop_assert!(moved <= regressions + outliers);
    }
}
