//! Against aeon, with the channels and the biases that it drew; see `tests/recorded/record_fixed.py`.

use super::super::recorded::{assert_equal, by_row, cases, numbers, series, sums, whole, wholes};
use super::*;
use serde_json::Value;

/// Channels as aeon drew them.
fn channels(case: &Value) -> Vec<Vec<u32>> {
    let mut all = wholes(&case["channel_indices"]).into_iter().map(|channel| channel as u32);
    wholes(&case["channels_per_combination"]).into_iter().map(|n| all.by_ref().take(n).collect()).collect()
}

fn dilations(dilations: &Value, features: &Value) -> Vec<Dilation> {
    let both = wholes(dilations).into_iter().zip(wholes(features));
    both.map(|(steps, n_features)| Dilation { steps, n_features }).collect()
}

fn singles(list: &Value) -> Vec<f32> {
    numbers(list).into_iter().map(|v| v as f32).collect()
}

#[test]
fn dilations_are_aeons_for_series_of_any_length() {
    for case in cases("dilations") {
        let recorded = dilations(&case["of"][0], &case["of"][1]);
        let steps = whole(&case, "steps");
        assert_eq!(MiniRocket::default().dilations(steps), recorded, "{steps} steps");
        assert_eq!(recorded.iter().map(|d| KERNELS * d.n_features).sum::<usize>(), 9996);
    }
}

#[test]
fn features_are_aeons_for_its_own_parameters() {
    for case in cases("minirocket").iter().filter(|case| case["biases"].is_array()) {
        let what = format!("{} steps", whole(case, "steps"));
        let settings = MiniRocket { n_features: whole(case, "n_features"), max_dilations: 32 };
        let series = series(case);
        let dilations = dilations(&case["dilations"], &case["features"]);
        assert_eq!(settings.dilations(series.n_steps()), dilations, "{what}");
        let biases = singles(&case["biases"]);
        let own = Parameters { form: Form::of(&series), dilations, channels: channels(case), biases };
        let found = by_row(&own.transform(&series).expect("finite"));
        assert_equal(&what, &found, &numbers(&case["theirs"]));
    }
}

#[test]
fn biases_are_numpys_quantiles_of_all_series_and_features_follow() {
    for case in cases("minirocket") {
        let what = format!("{} steps, {} features", whole(&case, "steps"), whole(&case, "n_features"));
        let series = series(&case);
        let rows: Vec<u32> = (0..series.n_series() as u32).collect();
        let dilations = dilations(&case["dilations"], &case["features"]);
        let channels = channels(&case);
        let biases = biases(&series, &rows, &dilations, &channels);
        let doubles: Vec<f64> = biases.iter().map(|&bias| f64::from(bias)).collect();
        let own = Parameters { form: Form::of(&series), dilations, channels, biases };
        let features = by_row(&own.transform(&series).expect("finite"));
        if case["quantile_biases"].is_array() {
            assert_equal(&what, &doubles, &numbers(&case["quantile_biases"]));
            assert_equal(&what, &features, &numbers(&case["quantile_features"]));
        } else {
            assert_equal(&what, &sums(doubles.into_iter()), &numbers(&case["quantile_bias_sums"]));
            assert_equal(&what, &sums(features.into_iter()), &numbers(&case["quantile_feature_sums"]));
        }
    }
}

#[test]
fn every_machine_gives_the_portable_bits() {
    use crate::simd::{Portable, Simd};
    let case = &cases("minirocket")[2];
    let series = series(case);
    let dilated = [Dilated::new(&series, 0, 4), Dilated::new(&series, 1, 4)];
    let channels = channels(case);
    let mut portions = [Vec::new(), Vec::new()];
    let [portable, best] = &mut portions;
    let portion = |values| Portion { dilated: &dilated, kernel: 30, channels: &channels[30], values };
    Portable.run(portion(portable));
    dispatch(portion(best));
    assert_eq!(portions[0], portions[1]);
    let biases: Vec<f32> = (0..KERNELS * 5).map(|i| (i % 23) as f32 - 9.5).collect();
    let mut features = [vec![0.0; biases.len()], vec![0.0; biases.len()]];
    let [portable, best] = &mut features;
    let convolve =
        |out| Convolve { dilated: &dilated[0], place: 1, channels: &channels, biases: &biases, out };
    Portable.run(convolve(portable));
    dispatch(convolve(best));
    assert_eq!(features[0], features[1]);
}

#[test]
fn channels_are_drawn_without_repeats_and_of_every_number() {
    let drawn = draw_channels(2000, 4, 5);
    assert_eq!(drawn, draw_channels(2000, 4, 5));
    assert_ne!(drawn, draw_channels(2000, 4, 6));
    let mut of_number = [0; 5];
    for channels in &drawn {
        let mut sorted = channels.clone();
        sorted.sort_unstable();
        sorted.dedup();
        assert!(sorted.len() == channels.len() && sorted.iter().all(|&channel| channel < 4));
        of_number[channels.len()] += 1;
    }
    // n channels where the power of two is from n to n + 1: log₂((n + 1)/n) / log₂(5) of all
    for (n, found) in of_number.into_iter().enumerate().skip(1) {
        let expected = 2000.0 * ((n + 1) as f64 / n as f64).ln() / 5f64.ln();
        assert!((f64::from(found) - expected).abs() < 5.0 * expected.sqrt(), "{n}: {found} not {expected}");
    }
    assert!(draw_channels(50, 1, 5).iter().all(|channels| channels == &[0]));
}

#[test]
fn biases_are_taken_from_series_that_stand_evenly_among_all() {
    assert_eq!(some(&[3, 5, 7, 9, 11, 13], 3), [3, 7, 11]);
    assert_eq!(some(&[3, 5, 7], 9), [3, 5, 7]);
    // a series longer than all that are wanted is taken all the same
    assert_eq!(some(&[3, 5, 7], 0), [3]);
}
