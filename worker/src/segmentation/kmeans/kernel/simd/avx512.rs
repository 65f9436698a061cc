//! One register of 512 bits holds a tile's 16 rows.

use std::arch::x86_64::*;

use super::{LANES, Lanes, Simd, Work};

/// The CPU has AVX-512 F, BW, VL and DQ: only [`Avx512::detect`] makes it.
#[derive(Debug, Clone, Copy)]
pub(in crate::segmentation::kmeans) struct Avx512(());

/// Executes an instruction.
macro_rules! with_features {
    ($instruction:expr) => {
        // SAFETY: the method has an `Avx512`, which exists only where `detect` found all features. Memory, if any, is
        // a reference to an array as long as the register, and needs no alignment.
        unsafe { $instruction }
    };
}

impl Avx512 {
    pub(super) fn detect() -> Option<Self> {
        let found = is_x86_feature_detected!("avx512f")
            && is_x86_feature_detected!("avx512bw")
            && is_x86_feature_detected!("avx512vl")
            && is_x86_feature_detected!("avx512dq");
        found.then_some(Self(()))
    }

    pub(super) fn run<W: Work>(self, work: W) -> W::Output {
        #[target_feature(enable = "avx512f,avx512bw,avx512vl,avx512dq")]
        fn compiled_for<W: Work>(simd: Avx512, work: W) -> W::Output {
            work.run(simd)
        }
        with_features!(compiled_for(self, work))
    }
}

impl Simd for Avx512 {
    type Floats = __m512;
    type Levels = __m512i;
    const BLOCK: usize = 16;

    #[inline(always)]
    fn splat(self, value: f32) -> __m512 {
        with_features!(_mm512_set1_ps(value))
    }

    #[inline(always)]
    fn load(self, lanes: &Lanes) -> __m512 {
        with_features!(_mm512_loadu_ps(lanes.0.as_ptr()))
    }

    #[inline(always)]
    fn store(self, values: __m512) -> Lanes {
        let mut lanes = Lanes([0.0; LANES]);
        with_features!(_mm512_storeu_ps(lanes.0.as_mut_ptr(), values));
        lanes
    }

    #[inline(always)]
    fn load_levels(self, lanes: &Lanes) -> __m512i {
        with_features!(_mm512_loadu_si512(lanes.0.as_ptr().cast()))
    }

    #[inline(always)]
    fn next_category(self, levels: __m512i) -> __m512i {
        with_features!(_mm512_srli_epi32::<4>(levels))
    }

    /// The instruction looks at no more than four bits.
    #[inline(always)]
    fn look_up(self, table: &Lanes, levels: __m512i) -> __m512 {
        with_features!(_mm512_permutexvar_ps(levels, self.load(table)))
    }

    #[inline(always)]
    fn add(self, left: __m512, right: __m512) -> __m512 {
        with_features!(_mm512_add_ps(left, right))
    }

    #[inline(always)]
    fn subtract(self, left: __m512, right: __m512) -> __m512 {
        with_features!(_mm512_sub_ps(left, right))
    }

    #[inline(always)]
    fn multiply(self, left: __m512, right: __m512) -> __m512 {
        with_features!(_mm512_mul_ps(left, right))
    }

    #[inline(always)]
    fn multiply_add(self, left: __m512, right: __m512, addend: __m512) -> __m512 {
        with_features!(_mm512_fmadd_ps(left, right, addend))
    }

    #[inline(always)]
    fn square_root(self, value: __m512) -> __m512 {
        with_features!(_mm512_sqrt_ps(value))
    }

    #[inline(always)]
    fn smaller(self, left: __m512, right: __m512) -> __m512 {
        with_features!(_mm512_min_ps(left, right))
    }

    #[inline(always)]
    fn larger(self, left: __m512, right: __m512) -> __m512 {
        with_features!(_mm512_max_ps(left, right))
    }

    #[inline(always)]
    fn where_less(self, left: __m512, right: __m512, then: __m512, otherwise: __m512) -> __m512 {
        with_features!(_mm512_mask_mov_ps(otherwise, _mm512_cmp_ps_mask::<_CMP_LT_OQ>(left, right), then))
    }

    #[inline(always)]
    fn greater(self, left: __m512, right: __m512) -> u16 {
        with_features!(_mm512_cmp_ps_mask::<_CMP_GT_OQ>(left, right))
    }

    #[inline(always)]
    fn smallest(self, values: __m512) -> f32 {
        with_features!(_mm512_reduce_min_ps(values))
    }

    #[inline(always)]
    fn labels(self, values: __m512) -> [u16; LANES] {
        let mut labels = [0; LANES];
        with_features!(_mm256_storeu_si256(
            labels.as_mut_ptr().cast(),
            _mm512_cvtepi32_epi16(_mm512_cvttps_epi32(values))
        ));
        labels
    }

    #[inline(always)]
    fn differing(self, left: &[u16; LANES], right: &[u16; LANES]) -> u16 {
        with_features!(_mm256_cmpneq_epi16_mask(
            _mm256_loadu_si256(left.as_ptr().cast()),
            _mm256_loadu_si256(right.as_ptr().cast())
        ))
    }

    #[inline(always)]
    fn transpose(self, dimensions: &[Lanes]) -> [[i32; LANES]; LANES] {
        let zero = with_features!(_mm512_setzero_si512());
        let mut columns = [zero; LANES];
        for (column, lanes) in columns.iter_mut().zip(dimensions) {
            *column = with_features!(_mm512_cvttps_epi32(_mm512_loadu_ps(lanes.0.as_ptr())));
        }
        // Of four columns 4i..4i+4, the quarter q of fours[4i + r] is row 4q + r.
        let mut fours = [zero; LANES];
        for i in (0..LANES).step_by(4) {
            let [a, b, c, d] = [columns[i], columns[i + 1], columns[i + 2], columns[i + 3]];
            let (low, high) = with_features!((_mm512_unpacklo_epi32(a, b), _mm512_unpackhi_epi32(a, b)));
            let (lower, higher) = with_features!((_mm512_unpacklo_epi32(c, d), _mm512_unpackhi_epi32(c, d)));
            fours[i] = with_features!(_mm512_unpacklo_epi64(low, lower));
            fours[i + 1] = with_features!(_mm512_unpackhi_epi64(low, lower));
            fours[i + 2] = with_features!(_mm512_unpacklo_epi64(high, higher));
            fours[i + 3] = with_features!(_mm512_unpackhi_epi64(high, higher));
        }
        let mut rows = [[0; LANES]; LANES];
        for r in 0..4 {
            let [a, b, c, d] = [fours[r], fours[r + 4], fours[r + 8], fours[r + 12]];
            let even = with_features!((_mm512_shuffle_i32x4::<0x88>(a, b), _mm512_shuffle_i32x4::<0x88>(c, d)));
            let odd = with_features!((_mm512_shuffle_i32x4::<0xdd>(a, b), _mm512_shuffle_i32x4::<0xdd>(c, d)));
            let whole = with_features!([
                _mm512_shuffle_i32x4::<0x88>(even.0, even.1),
                _mm512_shuffle_i32x4::<0x88>(odd.0, odd.1),
                _mm512_shuffle_i32x4::<0xdd>(even.0, even.1),
                _mm512_shuffle_i32x4::<0xdd>(odd.0, odd.1),
            ]);
            for (q, row) in whole.into_iter().enumerate() {
                with_features!(_mm512_storeu_si512(rows[4 * q + r].as_mut_ptr().cast(), row));
            }
        }
        rows
    }
}
