//! Every machine's form against the portable one, bit for bit.

use super::*;

/// Each operation once, over numbers of many sizes; what comes out, one after another.
struct EveryOperation;

impl Kernel for EveryOperation {
    type Out = Vec<u32>;

    #[inline(always)]
    fn run<S: Simd>(self, s: S) -> Vec<u32> {
        let mut bits = Vec::new();
        for round in 1..40 {
            let at = |i: usize, step: f32| (i as f32 - 7.5) * step * round as f32;
            let a = s.load(&std::array::from_fn(|i| at(i, 0.37)));
            let b = s.load(&std::array::from_fn(|i| at(15 - i, 1.3e-3) + 0.1));
            let c = s.splat(1.0 / round as f32);
            let square = s.mul(a, a);
            let negative = s.sub(s.splat(0.0), s.mul(square, s.splat(1.5e-3)));
            let all = [
                s.add(a, b),
                s.sub(a, b),
                s.mul(a, b),
                s.div(a, b),
                s.fma(a, b, c),
                s.sqrt(square),
                s.max(a, b),
                s.min(a, b),
                s.gate(a, b),
                exp(s, negative),
            ];
            for v in all {
                let mut out = [0.0; LANES];
                s.store(v, &mut out);
                bits.extend(out.map(f32::to_bits));
            }
            bits.push(s.at_most(a, b));
            let counts = s.count_above(s.count_above(s.no_counts(), a, b), b, c);
            let more = s.count_above(counts, b, a);
            bits.extend(s.sum_counts([counts, more, s.no_counts(), s.count_above(more, a, c)]));
            let at = |i: usize, step: f64| (i as f64 - 3.5) * step * f64::from(round);
            let a = s.load_wide(&std::array::from_fn(|i| at(i, 0.37)));
            let b = s.load_wide(&std::array::from_fn(|i| at(7 - i, 1.3e-3) + 0.1));
            for v in [s.add_wide(a, b), s.mul_wide(a, b), s.fma_wide(a, b, s.splat_wide(0.1))] {
                let mut out = [0.0; WIDE_LANES];
                s.store_wide(v, &mut out);
                bits.extend(out.iter().flat_map(|v| [v.to_bits() as u32, (v.to_bits() >> 32) as u32]));
            }
        }
        bits
    }
}

#[test]
fn every_machine_gives_the_portable_bits() {
    let expected = Portable.run(EveryOperation);
    assert_eq!(dispatch(EveryOperation), expected);
    #[cfg(target_arch = "x86_64")]
    {
        if let Some(simd) = Avx2::detect() {
            assert_eq!(simd.run(EveryOperation), expected);
        }
        if let Some(simd) = Avx512::detect() {
            assert_eq!(simd.run(EveryOperation), expected);
        }
    }
}

#[test]
fn exp_is_right_to_two_units_of_the_last_place() {
    for i in 0..=8700 {
        let x = -0.01 * i as f32;
        let mut out = [0.0; LANES];
        out.copy_from_slice(&exp(Portable, [x; LANES]));
        let exact = f64::from(x).exp();
        assert!((f64::from(out[0]) - exact).abs() <= 2.4e-7 * exact, "exp({x}) = {} not {exact}", out[0]);
    }
    assert_eq!(exp(Portable, [0.0; LANES])[0], 1.0);
}
