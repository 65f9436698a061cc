//! Eigenvalues and eigenvectors of a symmetric matrix by cyclic Jacobi rotations (Golub and Van Loan, Matrix Computations, 8.5).
//!
//! Rotations go row by row in a fixed order, and each operation is rounded by itself, so that every machine gives the same bits.

/// Sweeps at most; a matrix of a few hundred rows takes about ten.
const SWEEPS: usize = 60;
/// What is left off the diagonal, squared, beside the whole matrix.
const LEFT: f64 = 1e-30;

/// An eigenvalue with its eigenvector of length 1.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Eigenpair {
    pub(super) value: f64,
    pub(super) vector: Vec<f64>,
}

/// Gives all eigenpairs of a symmetric matrix of `size` rows, by falling value; of equal ones first what the rotations left first.
pub(super) fn eigenpairs(matrix: &[f64], size: usize) -> Vec<Eigenpair> {
    let mut rest = matrix.to_vec();
    // Row by row the vectors, so that a rotation changes two rows.
    let mut vectors = vec![0.0; size * size];
    (0..size).for_each(|at| vectors[at * size + at] = 1.0);
    let whole: f64 = rest.iter().map(|value| value * value).sum();
    for _ in 0..SWEEPS {
        let off = |(at, value): (usize, &f64)| if at / size == at % size { 0.0 } else { value * value };
        let left: f64 = rest.iter().enumerate().map(off).sum();
        if left <= whole * LEFT {
            break;
        }
        for p in 0..size {
            for q in p + 1..size {
                rotate(&mut rest, &mut vectors, size, p, q);
            }
        }
    }
    let mut order: Vec<usize> = (0..size).collect();
    let value = |at: usize| rest[at * size + at];
    // Stable.
    order.sort_by(|left, right| value(*right).total_cmp(&value(*left)));
    let pair = |at: usize| Eigenpair { value: value(at), vector: vectors[at * size..(at + 1) * size].to_vec() };
    order.into_iter().map(pair).collect()
}

/// Makes the element at row `p` and column `q` zero.
fn rotate(rest: &mut [f64], vectors: &mut [f64], size: usize, p: usize, q: usize) {
    let off = rest[p * size + q];
    if off == 0.0 {
        return;
    }
    let tau = (rest[q * size + q] - rest[p * size + p]) / (2.0 * off);
    let tangent = tau.signum() / (tau.abs() + (1.0 + tau * tau).sqrt());
    let cosine = 1.0 / (1.0 + tangent * tangent).sqrt();
    let sine = tangent * cosine;
    let turned = |left: f64, right: f64| (cosine * left - sine * right, sine * left + cosine * right);
    for at in 0..size {
        let (left, right) = (rest[at * size + p], rest[at * size + q]);
        (rest[at * size + p], rest[at * size + q]) = turned(left, right);
    }
    for at in 0..size {
        let (left, right) = (rest[p * size + at], rest[q * size + at]);
        (rest[p * size + at], rest[q * size + at]) = turned(left, right);
    }
    for at in 0..size {
        let (left, right) = (vectors[p * size + at], vectors[q * size + at]);
        (vectors[p * size + at], vectors[q * size + at]) = turned(left, right);
    }
}
