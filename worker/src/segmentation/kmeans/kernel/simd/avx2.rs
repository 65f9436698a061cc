//! Two registers of 256 bits hold a tile's 16 rows.

use std::arch::x86_64::*;

use super::{LANES, Lanes, Simd, Work};

/// The CPU has AVX2 and FMA: only [`Avx2::detect`] makes it.
#[derive(Debug, Clone, Copy)]
pub(in crate::segmentation::kmeans) struct Avx2(());

/// The first and the last eight rows.
type Pair = [__m256; 2];

/// Executes an instruction.
macro_rules! with_features {
    ($instruction:expr) => {
        // SAFETY: the method has an `Avx2`, which exists only where `detect` found all features. Memory, if any, is
        // within a reference to an array of one or two registers' length, and needs no alignment.
        unsafe { $instruction }
    };
}

impl Avx2 {
    pub(super) fn detect() -> Option<Self> {
        (is_x86_feature_detected!("avx2") && is_x86_feature_detected!("fma")).then_some(Self(()))
    }

    pub(super) fn run<W: Work>(self, work: W) -> W::Output {
        #[target_feature(enable = "avx2,fma")]
        fn compiled_for<W: Work>(simd: Avx2, work: W) -> W::Output {
            work.run(simd)
        }
        with_features!(compiled_for(self, work))
    }
}

impl Simd for Avx2 {
    type Floats = Pair;
    type Levels = [__m256i; 2];
    const BLOCK: usize = 4;

    #[inline(always)]
    fn splat(self, value: f32) -> Pair {
        [with_features!(_mm256_set1_ps(value)); 2]
    }

    #[inline(always)]
    fn load(self, lanes: &Lanes) -> Pair {
        let (halves, _) = lanes.0.as_chunks::<8>();
        with_features!([_mm256_loadu_ps(halves[0].as_ptr()), _mm256_loadu_ps(halves[1].as_ptr())])
    }

    #[inline(always)]
    fn store(self, values: Pair) -> Lanes {
        let mut lanes = Lanes([0.0; LANES]);
        let (halves, _) = lanes.0.as_chunks_mut::<8>();
        for (half, values) in halves.iter_mut().zip(values) {
            with_features!(_mm256_storeu_ps(half.as_mut_ptr(), values));
        }
        lanes
    }

    #[inline(always)]
    fn load_levels(self, lanes: &Lanes) -> [__m256i; 2] {
        let (halves, _) = lanes.0.as_chunks::<8>();
        with_features!([_mm256_loadu_si256(halves[0].as_ptr().cast()), _mm256_loadu_si256(halves[1].as_ptr().cast())])
    }

    #[inline(always)]
    fn next_category(self, levels: [__m256i; 2]) -> [__m256i; 2] {
        with_features!([_mm256_srli_epi32::<4>(levels[0]), _mm256_srli_epi32::<4>(levels[1])])
    }

    /// A permutation looks at three bits, a blend at the sign, where the fourth is moved.
    #[inline(always)]
    fn look_up(self, table: &Lanes, levels: [__m256i; 2]) -> Pair {
        let [low, high] = self.load(table);
        with_features!([
            _mm256_blendv_ps(
                _mm256_permutevar8x32_ps(low, levels[0]),
                _mm256_permutevar8x32_ps(high, levels[0]),
                _mm256_castsi256_ps(_mm256_slli_epi32::<28>(levels[0]))
            ),
            _mm256_blendv_ps(
                _mm256_permutevar8x32_ps(low, levels[1]),
                _mm256_permutevar8x32_ps(high, levels[1]),
                _mm256_castsi256_ps(_mm256_slli_epi32::<28>(levels[1]))
            )
        ])
    }

    #[inline(always)]
    fn add(self, left: Pair, right: Pair) -> Pair {
        with_features!([_mm256_add_ps(left[0], right[0]), _mm256_add_ps(left[1], right[1])])
    }

    #[inline(always)]
    fn subtract(self, left: Pair, right: Pair) -> Pair {
        with_features!([_mm256_sub_ps(left[0], right[0]), _mm256_sub_ps(left[1], right[1])])
    }

    #[inline(always)]
    fn multiply(self, left: Pair, right: Pair) -> Pair {
        with_features!([_mm256_mul_ps(left[0], right[0]), _mm256_mul_ps(left[1], right[1])])
    }

    #[inline(always)]
    fn multiply_add(self, left: Pair, right: Pair, addend: Pair) -> Pair {
        with_features!([_mm256_fmadd_ps(left[0], right[0], addend[0]), _mm256_fmadd_ps(left[1], right[1], addend[1])])
    }

    #[inline(always)]
    fn square_root(self, value: Pair) -> Pair {
        with_features!([_mm256_sqrt_ps(value[0]), _mm256_sqrt_ps(value[1])])
    }

    #[inline(always)]
    fn smaller(self, left: Pair, right: Pair) -> Pair {
        with_features!([_mm256_min_ps(left[0], right[0]), _mm256_min_ps(left[1], right[1])])
    }

    #[inline(always)]
    fn larger(self, left: Pair, right: Pair) -> Pair {
        with_features!([_mm256_max_ps(left[0], right[0]), _mm256_max_ps(left[1], right[1])])
    }

    #[inline(always)]
    fn where_less(self, left: Pair, right: Pair, then: Pair, otherwise: Pair) -> Pair {
        with_features!([
            _mm256_blendv_ps(otherwise[0], then[0], _mm256_cmp_ps::<_CMP_LT_OQ>(left[0], right[0])),
            _mm256_blendv_ps(otherwise[1], then[1], _mm256_cmp_ps::<_CMP_LT_OQ>(left[1], right[1]))
        ])
    }

    #[inline(always)]
    fn greater(self, left: Pair, right: Pair) -> u16 {
        let bits = with_features!([
            _mm256_movemask_ps(_mm256_cmp_ps::<_CMP_GT_OQ>(left[0], right[0])),
            _mm256_movemask_ps(_mm256_cmp_ps::<_CMP_GT_OQ>(left[1], right[1]))
        ]);
        (bits[0] | (bits[1] << 8)) as u16
    }

    #[inline(always)]
    fn smallest(self, values: Pair) -> f32 {
        let mut lanes = [0.0f32; 8];
        with_features!(_mm256_storeu_ps(lanes.as_mut_ptr(), _mm256_min_ps(values[0], values[1])));
        lanes.into_iter().fold(f32::INFINITY, |least, value| if value < least { value } else { least })
    }

    #[inline(always)]
    fn labels(self, values: Pair) -> [u16; LANES] {
        let mut labels = [0; LANES];
        with_features!({
            let packed = _mm256_packus_epi32(_mm256_cvttps_epi32(values[0]), _mm256_cvttps_epi32(values[1]));
            // Packing works within halves of 128 bits.
            _mm256_storeu_si256(labels.as_mut_ptr().cast(), _mm256_permute4x64_epi64::<0b11_01_10_00>(packed))
        });
        labels
    }

    #[inline(always)]
    fn differing(self, left: &[u16; LANES], right: &[u16; LANES]) -> u16 {
        let equal = with_features!({
            let (l, r) = (_mm256_loadu_si256(left.as_ptr().cast()), _mm256_loadu_si256(right.as_ptr().cast()));
            let equal = _mm256_cmpeq_epi16(l, r);
            let packed = _mm_packs_epi16(_mm256_castsi256_si128(equal), _mm256_extracti128_si256::<1>(equal));
            _mm_movemask_epi8(packed)
        });
        !(equal as u16)
    }

    #[inline(always)]
    fn transpose(self, dimensions: &[Lanes]) -> [[i32; LANES]; LANES] {
        let mut rows = [[0; LANES]; LANES];
        for (side, dimensions) in dimensions.chunks(8).enumerate().take(2) {
            for half in 0..2 {
                let mut columns = [with_features!(_mm256_setzero_si256()); 8];
                for (column, lanes) in columns.iter_mut().zip(dimensions) {
                    *column = with_features!(_mm256_cvttps_epi32(self.load(lanes)[half]));
                }
                for (row, values) in self.transpose_eight(columns).into_iter().enumerate() {
                    let (sides, _) = rows[half * 8 + row].as_chunks_mut::<8>();
                    with_features!(_mm256_storeu_si256(sides[side].as_mut_ptr().cast(), values));
                }
            }
        }
        rows
    }
}

impl Avx2 {
    #[inline(always)]
    fn transpose_eight(self, columns: [__m256i; 8]) -> [__m256i; 8] {
        // Of four columns 4i..4i+4, the half h of fours[4i + r] is row 4h + r.
        let mut fours = columns;
        for i in [0, 4] {
            let [a, b, c, d] = [columns[i], columns[i + 1], columns[i + 2], columns[i + 3]];
            let (low, high) = with_features!((_mm256_unpacklo_epi32(a, b), _mm256_unpackhi_epi32(a, b)));
            let (lower, higher) = with_features!((_mm256_unpacklo_epi32(c, d), _mm256_unpackhi_epi32(c, d)));
            fours[i] = with_features!(_mm256_unpacklo_epi64(low, lower));
            fours[i + 1] = with_features!(_mm256_unpackhi_epi64(low, lower));
            fours[i + 2] = with_features!(_mm256_unpacklo_epi64(high, higher));
            fours[i + 3] = with_features!(_mm256_unpackhi_epi64(high, higher));
        }
        let mut rows = columns;
        for r in 0..4 {
            rows[r] = with_features!(_mm256_permute2x128_si256::<0x20>(fours[r], fours[r + 4]));
            rows[r + 4] = with_features!(_mm256_permute2x128_si256::<0x31>(fours[r], fours[r + 4]));
        }
        rows
    }
}
