//! What customers did with one thing, added up.

/// Sums over customers. Of one customer those of people are 0 or 1.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Figures {
    /// Customers to whom something was delivered.
    pub reached: u64,
    /// Those of them who clicked or converted; of an offer, or who bought with it.
    pub answered: u64,
    /// Those who unsubscribed.
    pub left: u64,
    /// Those who complained.
    pub complained: u64,
    /// Customers who may be written to by this channel.
    pub granted: u64,
    /// Customers to whom something was delivered by a channel that they have not agreed to: they count nowhere else.
    pub refused: u64,
    /// Customers who bought.
    pub buyers: u64,
    /// Customers of whose purchases a cost is known.
    pub costed: u64,
    /// Messages sent.
    pub sent: u64,
    /// Messages delivered.
    pub delivered: u64,
    /// Messages opened.
    pub opened: u64,
    /// Messages clicked.
    pub clicked: u64,
    /// Messages that led to what they were for.
    pub converted: u64,
    /// Messages clicked or converted.
    pub responses: u64,
    /// What messages cost, in units of 10⁻⁴ of the currency, as all that follow.
    pub cost: i128,
    /// What was bought as the messages tell it.
    pub told: i128,
    /// Purchases less refunds.
    pub net: i128,
    /// The same less what goods cost, of rows that have a cost.
    pub margin: i128,
    /// Purchases less refunds of rows without a cost.
    pub uncosted: i128,
    /// Products of messages delivered x and answered y with those of the customer at all times X and Y: x², xy, y², xX, xY, yX, yY.
    pub products: [i128; 7],
    /// What it costs whatever is sent: the same for all customers.
    pub fixed: Option<i128>,
}

/// Numbers of people and messages.
pub(super) const COUNTS: usize = 14;
/// Amounts and products.
pub(super) const SUMS: usize = 12;

impl Figures {
    /// Gives the counts, in the order in which they travel.
    pub(super) fn counts_mut(&mut self) -> [&mut u64; COUNTS] {
        [
            &mut self.reached,
            &mut self.answered,
            &mut self.left,
            &mut self.complained,
            &mut self.granted,
            &mut self.refused,
            &mut self.buyers,
            &mut self.costed,
            &mut self.sent,
            &mut self.delivered,
            &mut self.opened,
            &mut self.clicked,
            &mut self.converted,
            &mut self.responses,
        ]
    }

    /// Gives the sums, in the order in which they travel.
    pub(super) fn sums_mut(&mut self) -> [&mut i128; SUMS] {
        let [xx, xy, yy, x_all, x_answers, y_all, y_answers] = &mut self.products;
        [
            &mut self.cost,
            &mut self.told,
            &mut self.net,
            &mut self.margin,
            &mut self.uncosted,
            xx,
            xy,
            yy,
            x_all,
            x_answers,
            y_all,
            y_answers,
        ]
    }

    /// Gives the values of the counts and of the sums.
    pub(super) fn values(&self) -> ([u64; COUNTS], [i128; SUMS]) {
        let mut copy = self.clone();
        (copy.counts_mut().map(|count| *count), copy.sums_mut().map(|sum| *sum))
    }

    /// Adds all that `other` holds.
    pub(super) fn add(&mut self, other: &Self) {
        let (counts, sums) = other.values();
        self.counts_mut().into_iter().zip(counts).for_each(|(total, more)| *total += more);
        // Below 10²⁸ of each customer: 10¹⁰ of them fit.
        self.sums_mut().into_iter().zip(sums).for_each(|(total, more)| *total = total.wrapping_add(more));
        self.fixed = self.fixed.max(other.fixed);
    }
}
