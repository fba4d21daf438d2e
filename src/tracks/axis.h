#pragma once

/*
 * A Kalman filter of one coordinate that moves at a constant speed, but for what white acceleration
 * makes of it. Time is in seconds: a step of two is as two steps of one. Nothing but + - * /, so
 * that the same input gives the same bits on every machine.
 */
typedef struct VdAxis {
    double at, speed;
    double at_variance, speed_variance, covariance;
} VdAxis;

/* Seen for the first time: at with this variance, speed nothing with that one. */
void vd_axis_begin(VdAxis *axis, double at, double at_variance, double speed_variance);
/* acceleration: its spectral density, in units^2/s^3. */
void vd_axis_pass(VdAxis *axis, double seconds, double acceleration);
void vd_axis_see(VdAxis *axis, double at, double variance);
/* The square of the distance in standard deviations. */
double vd_axis_distance(const VdAxis *axis, double at, double variance);
