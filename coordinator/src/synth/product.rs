//! Products: categories, a list price each, and how popular each is.

use super::random::Stream;

/// Categories with the first letters of their products and their weight for [regular, gift, bargain] buyers.
pub(super) const CATEGORIES: [(&str, &str, [f64; 3]); 12] = [
    ("fashion", "FAS", [1.6, 0.9, 2.6]),
    ("home", "HOM", [1.4, 1.2, 1.5]),
    ("grocery", "GRO", [1.3, 0.4, 0.9]),
    ("beauty", "BEA", [1.1, 1.9, 1.3]),
    ("electronics", "ELE", [1.0, 1.0, 0.8]),
    ("toys", "TOY", [0.7, 3.4, 0.7]),
    ("books", "BOO", [0.9, 2.2, 0.6]),
    ("sports", "SPO", [0.8, 0.7, 1.0]),
    ("garden", "GAR", [0.5, 0.2, 0.5]),
    ("pets", "PET", [0.5, 0.2, 0.4]),
    ("jewellery", "JEW", [0.3, 1.8, 0.2]),
    ("office", "OFF", [0.3, 0.1, 0.3]),
];

/// Price tiers a category: 2.49 upwards, each half as dear again.
const TIERS: usize = 20;
/// Products a tier, the most popular first.
const VARIANTS: [(f64, f64); 4] = [(0.50, 1.00), (0.27, 0.94), (0.15, 1.08), (0.08, 1.15)];
const PRODUCTS: usize = CATEGORIES.len() * TIERS * VARIANTS.len();

/// All products, by number.
#[derive(Debug)]
pub(super) struct Catalogue {
    skus: Vec<String>,
    cents: Vec<i32>,
    log_step: f64,
}

impl Catalogue {
    /// Computes the products.
    pub(super) fn new() -> Self {
        let place = |product: usize| {
            let (rest, variant) = (product / VARIANTS.len(), product % VARIANTS.len());
            (rest / TIERS, rest % TIERS, variant)
        };
        let skus = (0..PRODUCTS)
            .map(|product| {
                let (category, tier, variant) = place(product);
                format!("{}-{:03}", CATEGORIES[category].1, tier * VARIANTS.len() + variant + 1)
            })
            .collect();
        let cents = (0..PRODUCTS)
            .map(|product| {
                let (_, tier, variant) = place(product);
                let price = 2.49 * libm::pow(1.5, tier as f64) * VARIANTS[variant].1;
                // Prices that shops write: whole tens of cents less one.
                (libm::round(price * 10.0) as i32).max(1) * 10 - 1
            })
            .collect();
        Self { skus, cents, log_step: libm::log(1.5) }
    }

    /// Draws a product whose list price is near `target` (euro) for a [regular, gift, bargain] buyer.
    pub(super) fn near(&self, stream: &mut Stream, target: f64, taste: usize) -> u16 {
        let category = stream.choice(&CATEGORIES.map(|category| category.2[taste]));
        let tier = libm::round(libm::log(target.max(0.01) / 2.49) / self.log_step).clamp(0.0, (TIERS - 1) as f64);
        let variant = stream.choice(&VARIANTS.map(|variant| variant.0));
        ((category * TIERS + tier as usize) * VARIANTS.len() + variant) as u16
    }

    /// The product's number in the shop.
    pub(super) fn sku(&self, product: u16) -> &str {
        &self.skus[usize::from(product)]
    }

    /// The product's list price.
    pub(super) fn cents(&self, product: u16) -> i32 {
        self.cents[usize::from(product)]
    }

    /// The product's category.
    pub(super) fn category(&self, product: u16) -> &'static str {
        CATEGORIES[usize::from(product) / (TIERS * VARIANTS.len())].0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_product_is_near_its_target_and_popular_ones_come_often() {
        let catalogue = Catalogue::new();
        let mut stream = Stream::new(3, "product", 0);
        let drawn: Vec<u16> = (0..2000).map(|_| catalogue.near(&mut stream, 100.0, 0)).collect();
        assert!(drawn.iter().all(|product| (7_000..16_000).contains(&catalogue.cents(*product))));
        let popular = drawn.iter().filter(|product| *product % 4 == 0).count();
        assert!((900..1100).contains(&popular), "{popular}");
        assert_eq!(catalogue.sku(0), "FAS-001");
        assert_eq!(catalogue.category((PRODUCTS - 1) as u16), "office");
    }
}
