#include "tracks/axis.h"

void vd_axis_begin(VdAxis *axis, double at, double at_variance, double speed_variance)
{
    *axis = (VdAxis){
        .at = at,
        .at_variance = at_variance,
        .speed_variance = speed_variance,
    };
}

void vd_axis_pass(VdAxis *axis, double seconds, double acceleration)
{
    double square = seconds * seconds;

    axis->at += axis->speed * seconds;
    axis->at_variance += 2 * seconds * axis->covariance + square * axis->speed_variance +
                         acceleration * square * seconds / 3;
    axis->covariance += seconds * axis->speed_variance + acceleration * square / 2;
    axis->speed_variance += acceleration * seconds;
}

void vd_axis_see(VdAxis *axis, double at, double variance)
{
    double sum = axis->at_variance + variance;
    double gain = axis->at_variance / sum, speed_gain = axis->covariance / sum;
    double surprise = at - axis->at;

    axis->at += gain * surprise;
    axis->speed += speed_gain * surprise;
    axis->speed_variance -= speed_gain * axis->covariance;
    axis->covariance -= gain * axis->covariance;
    axis->at_variance -= gain * axis->at_variance;
}

double vd_axis_distance(const VdAxis *axis, double at, double variance)
{
    double surprise = at - axis->at;

    return surprise * surprise / (axis->at_variance + variance);
}
