//! The final assignment of a shard's rows by a model.

use segmenter_proto::{
    Error, Result,
    methods::{MixtureAssignment, MixtureModel, mahalanobis},
    models::GRID,
};

use super::super::kmeans::{Matrix, visit_densities};

/// Assigns every row of a matrix made by the model's own features; equals [`MixtureModel::assign`] row by row.
///
/// # Errors
/// On a model without components or a matrix of other columns: Bug.
pub fn assign_components(model: &MixtureModel, matrix: &Matrix) -> Result<Vec<MixtureAssignment>> {
    let (order, densities) = model.densities();
    let fits = densities.iter().all(|density| density.means.len() == matrix.dimensions());
    if densities.is_empty() || !fits || !matrix.layout().categories().is_empty() {
        return Err(Error::bug("a mixture does not fit the matrix of its features"));
    }
    let columns = matrix.dimensions();
    let mut assigned = Vec::with_capacity(matrix.rows());
    visit_densities(matrix, 0..matrix.rows(), &densities, None, |row, found| {
        let place: Vec<f64> = matrix.cells(row).into_iter().map(|cell| f64::from(cell) / GRID).collect();
        let squared = densities[found.posterior.first].squared_distance(&place);
        let score = mahalanobis(found.half_square, columns);
        assigned.push(MixtureAssignment::new(&order, found.posterior, found.shares, score, squared));
    });
    Ok(assigned)
}
