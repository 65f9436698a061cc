//! Arrays that compilers turn into whatever vectors the target's baseline has: SSE2, NEON.

use super::{LANES, Lanes, Simd};

/// Needs nothing of the CPU.
#[derive(Debug, Clone, Copy)]
pub(in crate::segmentation::kmeans) struct Portable;

/// Whether the target always has a fused multiply-add; else it would be a call of a library for each lane.
const FUSED: bool = cfg!(any(target_arch = "aarch64", target_feature = "fma"));

/// An array by lane.
macro_rules! each {
    ($lane:ident => $value:expr) => {{
        let mut values = [0.0; LANES];
        for $lane in 0..LANES {
            values[$lane] = $value;
        }
        values
    }};
}

impl Simd for Portable {
    type Floats = [f32; LANES];
    type Levels = [u32; LANES];
    const BLOCK: usize = if cfg!(target_arch = "aarch64") { 4 } else { 2 };

    #[inline(always)]
    fn splat(self, value: f32) -> Self::Floats {
        [value; LANES]
    }

    #[inline(always)]
    fn load(self, lanes: &Lanes) -> Self::Floats {
        lanes.0
    }

    #[inline(always)]
    fn store(self, values: Self::Floats) -> Lanes {
        Lanes(values)
    }

    #[inline(always)]
    fn load_levels(self, lanes: &Lanes) -> [u32; LANES] {
        lanes.0.map(f32::to_bits)
    }

    #[inline(always)]
    fn next_category(self, levels: [u32; LANES]) -> [u32; LANES] {
        levels.map(|levels| levels >> 4)
    }

    #[inline(always)]
    fn look_up(self, table: &Lanes, levels: [u32; LANES]) -> Self::Floats {
        each!(lane => table.0[(levels[lane] & 15) as usize])
    }

    #[inline(always)]
    fn add(self, left: Self::Floats, right: Self::Floats) -> Self::Floats {
        each!(lane => left[lane] + right[lane])
    }

    #[inline(always)]
    fn subtract(self, left: Self::Floats, right: Self::Floats) -> Self::Floats {
        each!(lane => left[lane] - right[lane])
    }

    #[inline(always)]
    fn multiply(self, left: Self::Floats, right: Self::Floats) -> Self::Floats {
        each!(lane => left[lane] * right[lane])
    }

    #[inline(always)]
    fn multiply_add(self, left: Self::Floats, right: Self::Floats, addend: Self::Floats) -> Self::Floats {
        if FUSED {
            each!(lane => left[lane].mul_add(right[lane], addend[lane]))
        } else {
            each!(lane => left[lane] * right[lane] + addend[lane])
        }
    }

    #[inline(always)]
    fn square_root(self, value: Self::Floats) -> Self::Floats {
        each!(lane => value[lane].sqrt())
    }

    #[inline(always)]
    fn smaller(self, left: Self::Floats, right: Self::Floats) -> Self::Floats {
        each!(lane => if left[lane] < right[lane] { left[lane] } else { right[lane] })
    }

    #[inline(always)]
    fn larger(self, left: Self::Floats, right: Self::Floats) -> Self::Floats {
        each!(lane => if left[lane] > right[lane] { left[lane] } else { right[lane] })
    }

    #[inline(always)]
    fn where_less(
        self,
        left: Self::Floats,
        right: Self::Floats,
        then: Self::Floats,
        otherwise: Self::Floats,
    ) -> Self::Floats {
        each!(lane => if left[lane] < right[lane] { then[lane] } else { otherwise[lane] })
    }

    #[inline(always)]
    fn greater(self, left: Self::Floats, right: Self::Floats) -> u16 {
        (0..LANES).fold(0, |bits, lane| bits | (u16::from(left[lane] > right[lane]) << lane))
    }

    #[inline(always)]
    fn smallest(self, values: Self::Floats) -> f32 {
        values.into_iter().fold(f32::INFINITY, |least, value| if value < least { value } else { least })
    }

    #[inline(always)]
    fn labels(self, values: Self::Floats) -> [u16; LANES] {
        values.map(|value| value as u16)
    }

    #[inline(always)]
    fn differing(self, left: &[u16; LANES], right: &[u16; LANES]) -> u16 {
        (0..LANES).fold(0, |bits, lane| bits | (u16::from(left[lane] != right[lane]) << lane))
    }

    #[inline(always)]
    fn transpose(self, dimensions: &[Lanes]) -> [[i32; LANES]; LANES] {
        let mut rows = [[0; LANES]; LANES];
        for (dimension, lanes) in dimensions.iter().enumerate().take(LANES) {
            for (row, x) in rows.iter_mut().zip(lanes.0) {
                row[dimension] = x as i32;
            }
        }
        rows
    }
}
