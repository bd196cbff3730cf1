//! The vector instructions of x86-64 behind the tokens [`Avx512`] and [`Avx2`].
//!
//! Every `unsafe` of the crate's vector code is in this file. One reason covers all of them: the token in
//! `self` is made by `detect` alone, after the machine was asked whether it has the instructions, and
//! pointers come from references to arrays of the very length that is read or written. The tests of
//! `every_machine` pass under Miri with AVX2, which it knows: docs/design.md has the command.

use super::{Kernel, LANES, Simd, WIDE_LANES};
use std::arch::x86_64::*;

/// Proof that the machine has AVX-512F, AVX2 and FMA.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Avx512(());

/// Proof that the machine has AVX2, FMA and counts bits.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Avx2(());

impl Avx512 {
    /// The token, where the machine has the instructions.
    pub(crate) fn detect() -> Option<Avx512> {
        (is_x86_feature_detected!("avx512f") && Avx2::detect().is_some()).then_some(Avx512(()))
    }
}

impl Avx2 {
    /// The token, where the machine has the instructions.
    pub(crate) fn detect() -> Option<Avx2> {
        let all = is_x86_feature_detected!("avx2")
            && is_x86_feature_detected!("fma")
            && is_x86_feature_detected!("popcnt");
        all.then_some(Avx2(()))
    }
}

/// Runs the kernel compiled with AVX-512F.
#[target_feature(enable = "avx512f,avx2,fma,popcnt")]
fn run_avx512<K: Kernel>(simd: Avx512, kernel: K) -> K::Out {
    kernel.run(simd)
}

/// Runs the kernel compiled with AVX2 and FMA.
#[target_feature(enable = "avx2,fma,popcnt")]
fn run_avx2<K: Kernel>(simd: Avx2, kernel: K) -> K::Out {
    kernel.run(simd)
}

impl Simd for Avx512 {
    type V = __m512;
    type N = __m512i;
    type W = __m512d;
    const HAS_MANY_REGISTERS: bool = true;

    fn run<K: Kernel>(self, kernel: K) -> K::Out {
        // SAFETY: the token proves AVX-512F.
        unsafe { run_avx512(self, kernel) }
    }
    #[inline(always)]
    fn splat(self, value: f32) -> Self::V {
        // SAFETY: the token proves AVX-512F.
        unsafe { _mm512_set1_ps(value) }
    }
    #[inline(always)]
    fn load(self, from: &[f32; LANES]) -> Self::V {
        // SAFETY: the token proves AVX-512F. Sixteen floats lie behind the reference.
        unsafe { _mm512_loadu_ps(from.as_ptr()) }
    }
    #[inline(always)]
    fn store(self, v: Self::V, to: &mut [f32; LANES]) {
        // SAFETY: the token proves AVX-512F. Sixteen floats lie behind the reference.
        unsafe { _mm512_storeu_ps(to.as_mut_ptr(), v) }
    }
    #[inline(always)]
    fn add(self, a: Self::V, b: Self::V) -> Self::V {
        // SAFETY: the token proves AVX-512F.
        unsafe { _mm512_add_ps(a, b) }
    }
    #[inline(always)]
    fn sub(self, a: Self::V, b: Self::V) -> Self::V {
        // SAFETY: the token proves AVX-512F.
        unsafe { _mm512_sub_ps(a, b) }
    }
    #[inline(always)]
    fn mul(self, a: Self::V, b: Self::V) -> Self::V {
        // SAFETY: the token proves AVX-512F.
        unsafe { _mm512_mul_ps(a, b) }
    }
    #[inline(always)]
    fn div(self, a: Self::V, b: Self::V) -> Self::V {
        // SAFETY: the token proves AVX-512F.
        unsafe { _mm512_div_ps(a, b) }
    }
    #[inline(always)]
    fn max(self, a: Self::V, b: Self::V) -> Self::V {
        // SAFETY: the token proves AVX-512F.
        unsafe { _mm512_max_ps(a, b) }
    }
    #[inline(always)]
    fn min(self, a: Self::V, b: Self::V) -> Self::V {
        // SAFETY: the token proves AVX-512F.
        unsafe { _mm512_min_ps(a, b) }
    }
    #[inline(always)]
    fn fma(self, a: Self::V, b: Self::V, c: Self::V) -> Self::V {
        // SAFETY: the token proves AVX-512F.
        unsafe { _mm512_fmadd_ps(a, b, c) }
    }
    #[inline(always)]
    fn sqrt(self, a: Self::V) -> Self::V {
        // SAFETY: the token proves AVX-512F.
        unsafe { _mm512_sqrt_ps(a) }
    }
    #[inline(always)]
    fn gate(self, gate: Self::V, v: Self::V) -> Self::V {
        // SAFETY: the token proves AVX-512F.
        unsafe { _mm512_maskz_mov_ps(_mm512_cmp_ps_mask::<_CMP_GT_OQ>(gate, _mm512_setzero_ps()), v) }
    }
    #[inline(always)]
    fn at_most(self, a: Self::V, b: Self::V) -> u32 {
        // SAFETY: the token proves AVX-512F.
        unsafe { u32::from(_mm512_cmp_ps_mask::<_CMP_LE_OQ>(a, b)) }
    }
    #[inline(always)]
    fn no_counts(self) -> Self::N {
        // SAFETY: the token proves AVX-512F.
        unsafe { _mm512_setzero_si512() }
    }
    #[inline(always)]
    fn count_above(self, counts: Self::N, a: Self::V, b: Self::V) -> Self::N {
        // SAFETY: the token proves AVX-512F.
        unsafe {
            let above = _mm512_cmp_ps_mask::<_CMP_GT_OQ>(a, b);
            _mm512_mask_add_epi32(counts, above, counts, _mm512_set1_epi32(1))
        }
    }
    #[inline(always)]
    fn sum_counts(self, counts: [Self::N; 4]) -> [u32; 4] {
        // SAFETY: the token proves AVX-512F.
        counts.map(|counts| unsafe { _mm512_reduce_add_epi32(counts) as u32 })
    }
    #[inline(always)]
    fn shift_to_exponent(self, a: Self::V) -> Self::V {
        // SAFETY: the token proves AVX-512F.
        unsafe { _mm512_castsi512_ps(_mm512_slli_epi32::<23>(_mm512_castps_si512(a))) }
    }
    #[inline(always)]
    fn splat_wide(self, value: f64) -> Self::W {
        // SAFETY: the token proves AVX-512F.
        unsafe { _mm512_set1_pd(value) }
    }
    #[inline(always)]
    fn load_wide(self, from: &[f64; WIDE_LANES]) -> Self::W {
        // SAFETY: the token proves AVX-512F. Eight doubles lie behind the reference.
        unsafe { _mm512_loadu_pd(from.as_ptr()) }
    }
    #[inline(always)]
    fn store_wide(self, v: Self::W, to: &mut [f64; WIDE_LANES]) {
        // SAFETY: the token proves AVX-512F. Eight doubles lie behind the reference.
        unsafe { _mm512_storeu_pd(to.as_mut_ptr(), v) }
    }
    #[inline(always)]
    fn add_wide(self, a: Self::W, b: Self::W) -> Self::W {
        // SAFETY: the token proves AVX-512F.
        unsafe { _mm512_add_pd(a, b) }
    }
    #[inline(always)]
    fn mul_wide(self, a: Self::W, b: Self::W) -> Self::W {
        // SAFETY: the token proves AVX-512F.
        unsafe { _mm512_mul_pd(a, b) }
    }
    #[inline(always)]
    fn fma_wide(self, a: Self::W, b: Self::W, c: Self::W) -> Self::W {
        // SAFETY: the token proves AVX-512F.
        unsafe { _mm512_fmadd_pd(a, b, c) }
    }
    #[inline(always)]
    fn prefetch(self, soon: &f64) {
        // SAFETY: every machine of this kind has the instruction, and it reads nothing.
        unsafe { _mm_prefetch::<_MM_HINT_T0>(std::ptr::from_ref(soon).cast()) }
    }
}

impl Simd for Avx2 {
    type V = [__m256; 2];
    type N = [__m256i; 2];
    type W = [__m256d; 2];
    const HAS_MANY_REGISTERS: bool = false;

    fn run<K: Kernel>(self, kernel: K) -> K::Out {
        // SAFETY: the token proves AVX2 and FMA.
        unsafe { run_avx2(self, kernel) }
    }
    #[inline(always)]
    fn splat(self, value: f32) -> Self::V {
        // SAFETY: the token proves AVX2 and FMA.
        unsafe { [_mm256_set1_ps(value); 2] }
    }
    #[inline(always)]
    fn load(self, from: &[f32; LANES]) -> Self::V {
        // SAFETY: the token proves AVX2 and FMA. Sixteen floats lie behind the reference.
        unsafe { [_mm256_loadu_ps(from.as_ptr()), _mm256_loadu_ps(from.as_ptr().add(8))] }
    }
    #[inline(always)]
    fn store(self, v: Self::V, to: &mut [f32; LANES]) {
        // SAFETY: the token proves AVX2 and FMA. Sixteen floats lie behind the reference.
        unsafe {
            _mm256_storeu_ps(to.as_mut_ptr(), v[0]);
            _mm256_storeu_ps(to.as_mut_ptr().add(8), v[1]);
        }
    }
    #[inline(always)]
    fn add(self, a: Self::V, b: Self::V) -> Self::V {
        // SAFETY: the token proves AVX2 and FMA.
        unsafe { [_mm256_add_ps(a[0], b[0]), _mm256_add_ps(a[1], b[1])] }
    }
    #[inline(always)]
    fn sub(self, a: Self::V, b: Self::V) -> Self::V {
        // SAFETY: the token proves AVX2 and FMA.
        unsafe { [_mm256_sub_ps(a[0], b[0]), _mm256_sub_ps(a[1], b[1])] }
    }
    #[inline(always)]
    fn mul(self, a: Self::V, b: Self::V) -> Self::V {
        // SAFETY: the token proves AVX2 and FMA.
        unsafe { [_mm256_mul_ps(a[0], b[0]), _mm256_mul_ps(a[1], b[1])] }
    }
    #[inline(always)]
    fn div(self, a: Self::V, b: Self::V) -> Self::V {
        // SAFETY: the token proves AVX2 and FMA.
        unsafe { [_mm256_div_ps(a[0], b[0]), _mm256_div_ps(a[1], b[1])] }
    }
    #[inline(always)]
    fn max(self, a: Self::V, b: Self::V) -> Self::V {
        // SAFETY: the token proves AVX2 and FMA.
        unsafe { [_mm256_max_ps(a[0], b[0]), _mm256_max_ps(a[1], b[1])] }
    }
    #[inline(always)]
    fn min(self, a: Self::V, b: Self::V) -> Self::V {
        // SAFETY: the token proves AVX2 and FMA.
        unsafe { [_mm256_min_ps(a[0], b[0]), _mm256_min_ps(a[1], b[1])] }
    }
    #[inline(always)]
    fn fma(self, a: Self::V, b: Self::V, c: Self::V) -> Self::V {
        // SAFETY: the token proves AVX2 and FMA.
        unsafe { [_mm256_fmadd_ps(a[0], b[0], c[0]), _mm256_fmadd_ps(a[1], b[1], c[1])] }
    }
    #[inline(always)]
    fn sqrt(self, a: Self::V) -> Self::V {
        // SAFETY: the token proves AVX2 and FMA.
        unsafe { [_mm256_sqrt_ps(a[0]), _mm256_sqrt_ps(a[1])] }
    }
    #[inline(always)]
    fn gate(self, gate: Self::V, v: Self::V) -> Self::V {
        // SAFETY: the token proves AVX2 and FMA.
        unsafe {
            let zero = _mm256_setzero_ps();
            [
                _mm256_and_ps(_mm256_cmp_ps::<_CMP_GT_OQ>(gate[0], zero), v[0]),
                _mm256_and_ps(_mm256_cmp_ps::<_CMP_GT_OQ>(gate[1], zero), v[1]),
            ]
        }
    }
    #[inline(always)]
    fn at_most(self, a: Self::V, b: Self::V) -> u32 {
        // SAFETY: the token proves AVX2 and FMA.
        unsafe {
            let low = _mm256_movemask_ps(_mm256_cmp_ps::<_CMP_LE_OQ>(a[0], b[0])) as u32;
            let high = _mm256_movemask_ps(_mm256_cmp_ps::<_CMP_LE_OQ>(a[1], b[1])) as u32;
            low | high << 8
        }
    }
    #[inline(always)]
    fn no_counts(self) -> Self::N {
        // SAFETY: the token proves AVX2 and FMA.
        unsafe { [_mm256_setzero_si256(); 2] }
    }
    #[inline(always)]
    fn count_above(self, counts: Self::N, a: Self::V, b: Self::V) -> Self::N {
        // SAFETY: the token proves AVX2 and FMA. What is above has all bits set, which is −1.
        unsafe {
            let low = _mm256_castps_si256(_mm256_cmp_ps::<_CMP_GT_OQ>(a[0], b[0]));
            let high = _mm256_castps_si256(_mm256_cmp_ps::<_CMP_GT_OQ>(a[1], b[1]));
            [_mm256_sub_epi32(counts[0], low), _mm256_sub_epi32(counts[1], high)]
        }
    }
    #[inline(always)]
    fn sum_counts(self, counts: [Self::N; 4]) -> [u32; 4] {
        // SAFETY: the token proves AVX2 and FMA. Four whole numbers are as large as the vector they are read as.
        unsafe {
            let [a, b, c, d] = counts.map(|counts| _mm256_add_epi32(counts[0], counts[1]));
            let all = _mm256_hadd_epi32(_mm256_hadd_epi32(a, b), _mm256_hadd_epi32(c, d));
            let sums = _mm_add_epi32(_mm256_castsi256_si128(all), _mm256_extracti128_si256::<1>(all));
            std::mem::transmute::<__m128i, [u32; 4]>(sums)
        }
    }
    #[inline(always)]
    fn shift_to_exponent(self, a: Self::V) -> Self::V {
        // SAFETY: the token proves AVX2 and FMA.
        unsafe {
            [
                _mm256_castsi256_ps(_mm256_slli_epi32::<23>(_mm256_castps_si256(a[0]))),
                _mm256_castsi256_ps(_mm256_slli_epi32::<23>(_mm256_castps_si256(a[1]))),
            ]
        }
    }
    #[inline(always)]
    fn splat_wide(self, value: f64) -> Self::W {
        // SAFETY: the token proves AVX2 and FMA.
        unsafe { [_mm256_set1_pd(value); 2] }
    }
    #[inline(always)]
    fn load_wide(self, from: &[f64; WIDE_LANES]) -> Self::W {
        // SAFETY: the token proves AVX2 and FMA. Eight doubles lie behind the reference.
        unsafe { [_mm256_loadu_pd(from.as_ptr()), _mm256_loadu_pd(from.as_ptr().add(4))] }
    }
    #[inline(always)]
    fn add_wide(self, a: Self::W, b: Self::W) -> Self::W {
        // SAFETY: the token proves AVX2 and FMA.
        unsafe { [_mm256_add_pd(a[0], b[0]), _mm256_add_pd(a[1], b[1])] }
    }
    #[inline(always)]
    fn mul_wide(self, a: Self::W, b: Self::W) -> Self::W {
        // SAFETY: the token proves AVX2 and FMA.
        unsafe { [_mm256_mul_pd(a[0], b[0]), _mm256_mul_pd(a[1], b[1])] }
    }
    #[inline(always)]
    fn fma_wide(self, a: Self::W, b: Self::W, c: Self::W) -> Self::W {
        // SAFETY: the token proves AVX2 and FMA.
        unsafe { [_mm256_fmadd_pd(a[0], b[0], c[0]), _mm256_fmadd_pd(a[1], b[1], c[1])] }
    }
    #[inline(always)]
    fn store_wide(self, v: Self::W, to: &mut [f64; WIDE_LANES]) {
        // SAFETY: the token proves AVX2 and FMA. Eight doubles lie behind the reference.
        unsafe {
            _mm256_storeu_pd(to.as_mut_ptr(), v[0]);
            _mm256_storeu_pd(to.as_mut_ptr().add(4), v[1]);
        }
    }
    #[inline(always)]
    fn prefetch(self, soon: &f64) {
        // SAFETY: every machine of this kind has the instruction, and it reads nothing.
        unsafe { _mm_prefetch::<_MM_HINT_T0>(std::ptr::from_ref(soon).cast()) }
    }
}
